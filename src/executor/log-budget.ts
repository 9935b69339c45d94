import type { Clock } from "../core/clock.ts";

/** How many bytes of log lines an attempt may pass on in a second, and at once after a silence. */
const BYTES_PER_SECOND = 4 * 1024 ** 2;

/** What each line costs beside what it holds. With that, a second takes 8,192 lines. */
const BYTES_PER_LINE = 512;

/** What an attempt may do, for messages. */
export const LOG_RATE = "8,192 lines, and 4 MB, a second";

/**
 * How much an attempt may still log. What is beyond that is dropped: a loop that logs in every round would otherwise
 * fill the memory of its child, of the Engine's thread and of the application, whichever is the slowest.
 */
export class LogBudget {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #isCongested: () => boolean;
  readonly #dropped: () => void;
  #left = BYTES_PER_SECOND;
  #countedAt: number;

  /**
   * @param parts `isCongested`: lines that were passed on have piled up, and no more is to be added. `dropped` is told
   *   of each line for which there is no room.
   */
  constructor(parts: { clock: Pick<Clock, "monotonic">; isCongested: () => boolean; dropped: () => void }) {
    this.#clock = parts.clock;
    this.#isCongested = parts.isCongested;
    this.#dropped = parts.dropped;
    this.#countedAt = this.#clock.monotonic();
  }

  /** Whether one more line may be passed on. If not, it counts as dropped. */
  take(): boolean {
    if (this.#left <= 0) this.#refill();
    if (this.#left > 0 && !this.#isCongested()) return true;
    this.#dropped();
    return false;
  }

  /** A line of so many bytes was passed on. */
  spend(bytes: number): void {
    this.#left -= bytes + BYTES_PER_LINE;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const gained = ((now - this.#countedAt) / 1_000) * BYTES_PER_SECOND;
    this.#left = Math.min(BYTES_PER_SECOND, this.#left + gained);
    this.#countedAt = now;
  }
}
