import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { PooledAttempt } from "./pooled-attempt.ts";

/** What a member tells its pool. */
export interface MemberOwner<Member> {
  /** The tasks module is imported; the member is free. */
  onReady(member: Member, functions: readonly FunctionDescription[]): void;
  /** The member's attempt is over, and it may take another. */
  onFree(member: Member): void;
  /** The attempt that ran in the member has ended, was not begun, or is being killed. */
  onLeft(attempt: PooledAttempt): void;
  /** The attempt that is about to settle has waited for something, and let the member stand idle. */
  onWaited(): void;
  /** The member runs no attempt any more and takes none, though it is not gone yet. */
  onEnding(): void;
  /** The member goes, but had not begun this attempt: another one may run it. */
  onNotBegun(attempt: PooledAttempt): void;
  /** An attempt that is over has left something behind, which failed or ended the member. */
  onStray(code: WarningCode, message: string): void;
  /** Nothing of the member is left. `startFailure`: it could not import the tasks. */
  onGone(member: Member, startFailure: FailureReason | undefined): void;
}
