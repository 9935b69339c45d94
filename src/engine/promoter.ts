import type { Clock, Timer } from "../core/clock.ts";
import type { Storage } from "../storage/port.ts";
import type { TurnLoop } from "./turn-loop.ts";

const LARGEST_PROMOTION = 500;
/** Looked again at least this often, since the wall clock may jump. */
const LONGEST_LOOK_MS = 60_000;
const RETRY_MS = 250;

/** Moves tasks whose wait has ended into their lines, at the moment the first of them is due. */
export class Promoter {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #turns: TurnLoop;
  readonly #lineGrew: (topic: string) => void;
  #timer: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: { storage: Storage; clock: Clock; turns: TurnLoop; lineGrew: (topic: string) => void }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#turns = parts.turns;
    this.#lineGrew = parts.lineGrew;
  }

  /** Looks when the next task is due; again a little later where the storage does not tell. Never rejects. */
  async look(): Promise<void> {
    try {
      const dueAt = await this.#storage.nextDueAt();
      if (dueAt !== undefined) this.#arm(dueAt);
    } catch {
      this.#arm(this.#clock.now() + RETRY_MS);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(dueAt: number): void {
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = dueAt;
    const delayMs = Math.min(Math.max(dueAt - this.#clock.now(), 0), LONGEST_LOOK_MS);
    this.#timer = this.#clock.setTimer(delayMs, () => void this.#promote());
  }

  async #promote(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    try {
      const { topics } = await this.#turns.submit({ kind: "promote", limit: LARGEST_PROMOTION });
      for (const topic of topics) this.#lineGrew(topic);
      await this.look();
    } catch {
      // The turn loop reports a storage that is away; the tasks stay due.
      this.#arm(this.#clock.now() + RETRY_MS);
    }
  }
}
