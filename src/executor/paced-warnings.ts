import type { Clock, Timer } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";

/** The shortest time between two warnings of one code. */
const PACE_MS = 1_000;

interface Held {
  passedAt: number;
  /** How many were held back since then, and the latest of them. */
  count: number;
  latest: string;
  timer: Timer | undefined;
}

/**
 * Passes warnings on at a bearable pace: of each code the first at once, then at most one a second, which tells how
 * many there were. A handler may cause a million in a loop, without ever returning to its event loop.
 */
export class PacedWarnings {
  readonly #clock: Clock;
  readonly #pass: (code: WarningCode, message: string) => void;
  readonly #held = new Map<WarningCode, Held>();

  constructor(clock: Clock, pass: (code: WarningCode, message: string) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  push(code: WarningCode, message: string): void {
    const held = this.#held.get(code);
    if (held === undefined) {
      this.#held.set(code, { passedAt: this.#clock.monotonic(), count: 0, latest: message, timer: undefined });
      return this.#pass(code, message);
    }
    held.count += 1;
    held.latest = message;
    const leftMs = held.passedAt + PACE_MS - this.#clock.monotonic();
    if (leftMs <= 0) this.#passHeld(code, held);
    else held.timer ??= this.#clock.setTimer(leftMs, () => this.#passHeld(code, held));
  }

  /** Passes on what was held back. */
  flush(): void {
    for (const [code, held] of this.#held) this.#passHeld(code, held);
  }

  #passHeld(code: WarningCode, held: Held): void {
    held.timer?.cancel();
    held.timer = undefined;
    const { count, latest } = held;
    if (count === 0) return;
    held.passedAt = this.#clock.monotonic();
    held.count = 0;
    this.#pass(code, count === 1 ? latest : `${latest} It happened ${count} times since the last such warning.`);
  }
}
