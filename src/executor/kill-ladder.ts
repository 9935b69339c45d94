import type { Clock, Timer } from "../core/clock.ts";

/**
 * How a member of a pool is brought to its end, one step after another: it is asked; when its grace is over it is
 * killed with all that it has started; when it has exited, whatever is left of that goes too. Until then it may still
 * have effects.
 */
export class KillLadder {
  readonly #kill: () => void;
  readonly #clock: Clock;
  #grace: Timer | undefined;
  #finished = false;

  constructor(kill: () => void, clock: Clock) {
    this.#kill = kill;
    this.#clock = clock;
  }

  /** Asks, and calls `onGraceOver` after `graceMs` unless it was killed or has exited before. */
  ask(ask: () => void, graceMs: number, onGraceOver: () => void): void {
    ask();
    // What has exited is waited for by nobody.
    if (!this.#finished) this.#grace = this.#clock.setTimer(graceMs, onGraceOver);
  }

  /** Kills without asking (again). */
  kill(): void {
    this.#grace?.cancel();
    if (!this.#finished) this.#kill();
  }

  /** It has exited. The pid of a process may soon be another's, so this is the last signal. */
  finish(): void {
    this.kill();
    this.#finished = true;
  }
}
