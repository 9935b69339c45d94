import type { Clock, Timer } from "../core/clock.ts";
import { killGroup } from "./process-group.ts";

/**
 * How a child is brought to its end, one step after another: it is asked; when its grace is over it is killed with its
 * whole group; when it has exited, whatever is left of the group goes too. Until then it may still have effects.
 */
export class KillLadder {
  readonly #pid: number;
  readonly #clock: Clock;
  #grace: Timer | undefined;
  #finished = false;

  constructor(pid: number, clock: Clock) {
    this.#pid = pid;
    this.#clock = clock;
  }

  /** Asks, and calls `onGraceOver` after `graceMs` unless the child was killed or has exited before. */
  ask(ask: () => void, graceMs: number, onGraceOver: () => void): void {
    ask();
    this.#grace = this.#clock.setTimer(graceMs, onGraceOver);
  }

  /** Kills without asking (again). */
  kill(): void {
    this.#grace?.cancel();
    if (!this.#finished) killGroup(this.#pid);
  }

  /** The child has exited. Its pid may soon be another's, so this is the last signal. */
  finish(): void {
    this.kill();
    this.#finished = true;
  }
}
