import type { ClaimedTask, ClaimOperation, DisclaimOperation, NewTask, OperationOutcome } from "../storage/port.ts";

/** Who takes tasks, turn by turn: a worker. */
export interface Claimer {
  /** The claims to make in this turn; `topics` are those of the enqueues that follow in it. */
  claims(topics: ReadonlySet<string>): readonly ClaimOperation[];
  /** What lets a task be started in the turn that stores it; undefined: nobody here can. Asked right before the turn. */
  startFor(task: NewTask): NewTask["start"];
  /** The answer to one claim; undefined: its turn has failed. */
  claimed(claim: ClaimOperation, outcome: OperationOutcome<ClaimOperation> | undefined): void;
  /** A task that was started in the same turn that stored it. */
  run(task: ClaimedTask): void;
  /** What to give back because the answer to an earlier turn was lost. */
  disclaimer(): DisclaimOperation;
}
