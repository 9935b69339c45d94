import type { Clock } from "../../core/clock.ts";
import { repeat, type Repeating } from "../../core/repeat.ts";

/** What is done beside calls and attempts, for as long as somebody needs it: by a clock, or when something changes. */
export interface Duty {
  /** Begins it; resolves when what is to be done at once is done. */
  start(): Promise<void> | void;
  /** Ends it; resolves when nothing of it is under way any more. */
  stop(): Promise<void> | void;
}

/** A list of duties: started one after another, and stopped in reverse. */
export class Duties implements Duty {
  readonly #duties: readonly Duty[];

  constructor(duties: readonly Duty[]) {
    this.#duties = duties;
  }

  async start(): Promise<void> {
    for (const duty of this.#duties) await duty.start();
  }

  /** None waits for another to be over: what is under way may take as long as the database is locked. */
  async stop(): Promise<void> {
    await Promise.all(this.#duties.toReversed().map((duty) => Promise.resolve(duty.stop())));
  }
}

/** A duty that is done again and again; `action` must not reject. See {@link repeat}. */
export function everyDuty(clock: Clock, everyMs: number, action: () => Promise<void>): Duty {
  let repeating: Repeating | undefined;
  return {
    start() {
      repeating = repeat(clock, everyMs, action);
    },
    stop: () => repeating?.stop(),
  };
}
