import { availableParallelism } from "node:os";
import type { Clock, Timer } from "../core/clock.ts";

/**
 * How many members run at once in any case. Twice as many as the machine has cores keep it busy while this thread commits
 * what they have done, and let a commit hold more of it; more of them compute nothing faster.
 */
const NARROW = 2 * availableParallelism();

/** How long attempts wait before it is judged whether more members would help. */
const WINDOW_MS = 20;

/** After how many windows in which no attempt has ended those that run count as long. */
const QUIET_WINDOWS = 3;

/** Of so many attempts that end, one that has waited for something is reason enough for more members. */
const ONE_IN = 4;

/** How long a pool is let grow before that is judged again. */
const WIDE_MS = 1_000;

export interface BreadthParts {
  readonly clock: Clock;
  /** Whether attempts wait for a member. */
  readonly isHeld: () => boolean;
  /** They may run now. */
  readonly widened: () => void;
}

/**
 * Decides how many members of a pool are to run at once. Short attempts that compute run fastest in a few members: each
 * more costs its start, as much as hundreds of such attempts, and makes the processor change between more of them.
 * Attempts that wait for something, or take long, each get a member. Which of the two they are shows while attempts wait
 * for a member.
 */
export class Breadth {
  readonly #parts: BreadthParts;
  #running = 0;
  /** Since the window began. */
  #ended = 0;
  #waited = 0;
  #quietWindows = 0;
  #window: Timer | undefined;
  #wideUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: BreadthParts) {
    this.#parts = parts;
  }

  /** Whether one more attempt may run. */
  get hasRoom(): boolean {
    return this.#running < NARROW || this.#isWide;
  }

  /** How many members may be started beside so many that are there. */
  roomBeside(members: number): number {
    return this.#isWide ? Number.POSITIVE_INFINITY : Math.max(0, NARROW - members);
  }

  began(): void {
    this.#running += 1;
  }

  ended(): void {
    this.#running -= 1;
    this.#ended += 1;
  }

  /** An attempt that ends has left its member idle meanwhile. */
  waited(): void {
    this.#waited += 1;
  }

  /** Attempts wait for a member. Where none is there yet it comes, and more at once would come no sooner. */
  held(): void {
    if (this.#window !== undefined || this.#running === 0 || this.#isWide) return;
    this.#ended = 0;
    this.#waited = 0;
    const { clock } = this.#parts;
    // After a standstill of this thread its timers come first, and then what members have said meanwhile.
    const window = clock.setTimer(WINDOW_MS, () =>
      clock.defer(() => {
        if (this.#window === window) this.#judge();
      }),
    );
    this.#window = window;
  }

  stop(): void {
    this.#window?.cancel();
    this.#window = undefined;
  }

  get #isWide(): boolean {
    return this.#wideUntil > this.#parts.clock.monotonic();
  }

  #judge(): void {
    this.#window = undefined;
    this.#quietWindows = this.#ended === 0 ? this.#quietWindows + 1 : 0;
    if (!this.#parts.isHeld()) return;
    const areLong = this.#quietWindows >= QUIET_WINDOWS;
    if (!areLong && (this.#waited === 0 || this.#waited * ONE_IN < this.#ended)) return this.held();
    this.#quietWindows = 0;
    this.#wideUntil = this.#parts.clock.monotonic() + WIDE_MS;
    this.#parts.widened();
  }
}
