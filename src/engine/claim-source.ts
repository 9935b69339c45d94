import type { ClaimedTask, ClaimOperation, DisclaimOperation, NewTask } from "../storage/port.ts";

/** Whom the loop asks for claims, and tells what was claimed. */
export interface ClaimSource {
  /** Whether no turn may be made any more: see `EngineParts`. */
  readonly isCut?: (() => boolean) | undefined;
  /** The claims to make in this turn; `topics` are those of the enqueues that follow in it. */
  claims(topics: ReadonlySet<string>): readonly ClaimOperation[];
  /** What lets a task be started in the turn that stores it; undefined: nobody here can. Asked right before the turn. */
  startFor(task: NewTask): NewTask["start"];
  /** The answer to one claim. */
  claimed(claim: ClaimOperation, tasks: readonly ClaimedTask[]): void;
  /** A task that was started in the same turn that stored it. */
  startedAtOnce(task: ClaimedTask): void;
  /** What to give back because the answer to an earlier turn was lost; undefined: nothing runs here. */
  disclaimer(): DisclaimOperation | undefined;
  /** Answers were lost, and storage answers again: what their turns have done can be read now. */
  doubtOver(): void;
  /** A claim could not be made in this turn; `error`: why, where it failed by itself. */
  notClaimed(claim: ClaimOperation, error?: Error): void;
  /** Calls are being answered with this error; told once, until a turn succeeds again. */
  failing(error: Error): void;
}
