import type { AttemptKey } from "../storage/port.ts";
import type { TurnLoop } from "./turn-loop.ts";

/** Writes an attempt's progress, the last value first: while one is being written, the ones between are left out. */
export class ProgressWriter {
  readonly #attempt: AttemptKey;
  readonly #turns: TurnLoop;
  #latest: string | undefined;
  #writing = false;
  #ended = false;

  constructor(attempt: AttemptKey, turns: TurnLoop) {
    this.#attempt = attempt;
    this.#turns = turns;
  }

  write(progress: string): void {
    if (this.#ended) return;
    this.#latest = progress;
    if (!this.#writing) this.#submit();
  }

  /** Sends the last value, so that it comes before the attempt's settlement, and takes no more. */
  end(): void {
    if (this.#latest !== undefined) this.#submit();
    this.#ended = true;
  }

  #submit(): void {
    if (this.#latest === undefined) return;
    const { id, epoch } = this.#attempt;
    const progress = this.#latest;
    this.#latest = undefined;
    this.#writing = true;
    const written = (): void => {
      this.#writing = false;
      if (!this.#ended) this.#submit();
    };
    // A value that storage does not take is lost; the next one or the task's end tells more.
    this.#turns.submit({ kind: "progress", id, epoch, progress }).then(written, written);
  }
}
