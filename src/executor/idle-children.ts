import type { Clock, Timer } from "../core/clock.ts";
import type { Child } from "./child.ts";

/** How long a child may be idle before it is let go, if it is not the only one. */
const IDLE_MS = 30_000;

/** The children that wait for an attempt. The one used last is used first, so that those in surplus grow old. */
export class IdleChildren {
  readonly #clock: Clock;
  readonly #idle: { readonly child: Child; readonly since: number }[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(child: Child): void {
    this.#idle.push({ child, since: this.#clock.monotonic() });
    if (this.#idle.length > 1) this.#timer ??= this.#clock.setTimer(IDLE_MS, () => this.#retire());
  }

  /** One that is still there. */
  pop(): Child | undefined {
    let child = this.#idle.pop()?.child;
    while (child !== undefined && !child.free) child = this.#idle.pop()?.child;
    return child;
  }

  /** It has died. */
  remove(child: Child): void {
    const index = this.#idle.findIndex((entry) => entry.child === child);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Asks all to leave. */
  clear(): void {
    this.#timer?.cancel();
    for (const { child } of this.#idle.splice(0)) child.leave();
  }

  #retire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    let [oldest] = this.#idle;
    while (oldest !== undefined && this.#idle.length > 1 && now - oldest.since >= IDLE_MS) {
      this.#idle.shift();
      oldest.child.leave();
      [oldest] = this.#idle;
    }
    if (oldest === undefined || this.#idle.length < 2) return;
    this.#timer = this.#clock.setTimer(Math.max(1, oldest.since + IDLE_MS - now), () => this.#retire());
  }
}
