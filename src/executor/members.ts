import type { Clock, Timer } from "../core/clock.ts";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import type { StartBody } from "./body.ts";
import { Member } from "./member.ts";
import type { MemberOwner } from "./member-owner.ts";

export interface MembersParts {
  readonly start: StartBody;
  readonly clock: Clock;
  readonly onStarted: (id: number) => void;
  /** Nothing is left of that member. */
  readonly onGone: (id: number) => void;
}

/** All members of a pool, from the start of each until nothing is left of it. */
export class Members {
  readonly #parts: MembersParts;
  readonly #owner: MemberOwner<Member>;
  readonly #members: Set<Member> = new Set();
  #pause: Timer | undefined;

  constructor(parts: MembersParts, owner: MemberOwner<Member>) {
    this.#parts = parts;
    this.#owner = owner;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Whether none is to be started for now. */
  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** How many have not loaded the tasks yet, and how many in all may run attempts, now or later. */
  count(): { readonly starting: number; readonly staying: number } {
    let starting = 0;
    let staying = 0;
    for (const member of this.#members) {
      if (member.starting) starting += 1;
      if (member.staying) staying += 1;
    }
    return { starting, staying };
  }

  /** Starts so many. Where one cannot be started, which is the answer, the others are left for the next try. */
  start(count: number): FailureReason | undefined {
    const { start, clock, onStarted } = this.#parts;
    try {
      for (let left = count; left > 0; left -= 1) {
        const member = new Member(start, clock, this.#owner);
        this.#members.add(member);
        onStarted(member.id);
      }
      return undefined;
    } catch (error) {
      return { code: "TASK_FAILED", ...describeThrown(error) };
    }
  }

  remove(member: Member): void {
    this.#members.delete(member);
    this.#parts.onGone(member.id);
  }

  /** Starts none for so long, and calls `then` at its end. */
  pause(delayMs: number, then: () => void): void {
    this.#pause ??= this.#parts.clock.setTimer(delayMs, () => {
      this.#pause = undefined;
      then();
    });
  }

  /** No more is started, and what has not loaded the tasks goes. */
  stop(): void {
    this.#pause?.cancel();
    for (const member of this.#members) if (member.starting) member.leave();
  }
}
