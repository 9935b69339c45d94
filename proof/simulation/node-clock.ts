import type { Clock, Timer } from "../../src/core/clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** When the wall clocks of a simulation begin: 2026-01-01. */
const EPOCH_MS: number = Date.UTC(2026, 0, 1);

/** The clock of one simulated machine, which may go wrong, and through which its process can be stopped and killed. */
export class NodeClock implements Clock {
  readonly #time: VirtualTime;
  readonly #bornAt: number;
  #skewMs: number;
  #state: "alive" | "stalled" | "dead" = "alive";
  /** What would have happened while the process stood still. */
  #missed: (() => void)[] = [];

  constructor(time: VirtualTime, skewMs: number) {
    this.#time = time;
    this.#bornAt = time.now;
    this.#skewMs = skewMs;
  }

  /** Whether the process runs, stands still, or is gone. */
  get state(): "alive" | "stalled" | "dead" {
    return this.#state;
  }

  now(): number {
    return Math.floor(EPOCH_MS + this.#time.now + this.#skewMs);
  }

  monotonic(): number {
    return this.#time.now - this.#bornAt;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#schedule(delayMs, callback);
  }

  defer(callback: () => void): void {
    this.#schedule(0, callback);
  }

  /** Sets the wall clock forward or back, as an administrator would. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** As by SIGSTOP: nothing happens here, but the time goes on. */
  stall(): void {
    if (this.#state === "alive") this.#state = "stalled";
  }

  /** As by SIGCONT: everything that was missed happens now, in its order. */
  wake(): void {
    if (this.#state !== "stalled") return;
    this.#state = "alive";
    const missed = this.#missed;
    this.#missed = [];
    for (const callback of missed) this.#schedule(0, callback);
  }

  /** As by SIGKILL: nothing happens here any more. */
  kill(): void {
    this.#state = "dead";
    this.#missed = [];
  }

  #schedule(delayMs: number, callback: () => void): Timer {
    let cancelled = false;
    const fire = (): void => {
      if (cancelled || this.#state === "dead") return;
      if (this.#state === "stalled") this.#missed.push(fire);
      else callback();
    };
    const timer = this.#time.schedule(delayMs, fire);
    return {
      cancel() {
        cancelled = true;
        timer.cancel();
      },
    };
  }
}
