import type { Clock } from "../../core/clock.ts";

/** A thread that lived this long died of something new. */
const LONG_LIFE_MS = 10_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** How long to wait before a thread is started anew: not at all, unless it keeps dying young. */
export class Revival {
  readonly #clock: Clock;
  #bornAt: number;
  #youngDeaths = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bornAt = clock.monotonic();
  }

  /** Called at each death. */
  delayMs(): number {
    const age = this.#clock.monotonic() - this.#bornAt;
    this.#youngDeaths = age >= LONG_LIFE_MS ? 0 : this.#youngDeaths + 1;
    const delayMs =
      this.#youngDeaths <= 1 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.#youngDeaths - 2), LONGEST_DELAY_MS);
    this.#bornAt = this.#clock.monotonic() + delayMs;
    return delayMs;
  }
}
