import type { Clock, Timer } from "../core/clock.ts";

/** The shortest time between two values that are passed on. */
const PACE_MS = 50;

/**
 * Passes progress on at a bearable pace. A handler may report each of a million steps without ever returning to its
 * event loop; what it sends would then pile up in its memory. The last value always comes through.
 */
export class ProgressPacer {
  readonly #clock: Clock;
  readonly #pass: (progress: string) => void;
  #passedAt = -Infinity;
  #latest: string | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, pass: (progress: string) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  push(progress: string): void {
    this.#latest = progress;
    if (this.#clock.monotonic() - this.#passedAt >= PACE_MS) this.flush();
    else this.#timer ??= this.#clock.setTimer(PACE_MS, () => this.flush());
  }

  /** Passes on what was held back. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#latest === undefined) return;
    this.#passedAt = this.#clock.monotonic();
    this.#pass(this.#latest);
    this.#latest = undefined;
  }
}
