import type { Clock, Timer } from "../core/clock.ts";
import type { Member } from "./member.ts";

/** How long a member may be idle before it is let go, if it is not the only one. */
const IDLE_MS = 30_000;

/** The members that wait for an attempt. The one used last is used first, so that those in surplus grow old. */
export class IdleMembers {
  readonly #clock: Clock;
  readonly #idle: { readonly member: Member; readonly since: number }[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(member: Member): void {
    this.#idle.push({ member, since: this.#clock.monotonic() });
    if (this.#idle.length > 1) this.#timer ??= this.#clock.setTimer(IDLE_MS, () => this.#retire());
  }

  get isEmpty(): boolean {
    return this.#idle.length === 0;
  }

  /** One that is still there. */
  pop(): Member | undefined {
    let member = this.#idle.pop()?.member;
    while (member !== undefined && !member.free) member = this.#idle.pop()?.member;
    return member;
  }

  /** It has died. */
  remove(member: Member): void {
    const index = this.#idle.findIndex((entry) => entry.member === member);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Asks all to leave. */
  clear(): void {
    this.#timer?.cancel();
    for (const { member } of this.#idle.splice(0)) member.leave();
  }

  #retire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    let [oldest] = this.#idle;
    while (oldest !== undefined && this.#idle.length > 1 && now - oldest.since >= IDLE_MS) {
      this.#idle.shift();
      oldest.member.leave();
      [oldest] = this.#idle;
    }
    if (oldest === undefined || this.#idle.length < 2) return;
    this.#timer = this.#clock.setTimer(Math.max(1, oldest.since + IDLE_MS - now), () => this.#retire());
  }
}
