import type { NewTask, Operation, OperationOutcome, Settlement } from "../storage/port.ts";

/** An operation that waits for its turn. */
export interface Pending {
  readonly operation: Operation;
  /** The tasks that it is to store. */
  readonly newTasks: readonly NewTask[];
  readonly bytes: number;
  /** On the monotonic clock; `Infinity` for what must be written however long it takes. */
  readonly submittedAt: number;
  readonly settle: (outcome: OperationOutcome<Operation>) => void;
}

/** An operation that somebody waits for. */
export function pendingOf(operation: Operation, submittedAt: number, settle: Pending["settle"]): Pending {
  return { operation, newTasks: newTasksOf(operation), bytes: bytesOf(operation), submittedAt, settle };
}

/** An operation of the turn loop's own, of which nobody waits for the answer. */
export function unasked(operation: Operation, settle: Pending["settle"]): Pending {
  return { operation, newTasks: [], bytes: 0, submittedAt: 0, settle };
}

/** How many bytes an operation takes to storage, as far as callers and handlers decide it. */
function bytesOf(operation: Operation): number {
  switch (operation.kind) {
    case "enqueue":
      return Buffer.byteLength(operation.args);
    case "enqueueMany":
      return operation.tasks.reduce((bytes, { args }) => bytes + Buffer.byteLength(args), 0);
    case "settle":
      return bytesOfSettlement(operation.outcome);
    case "progress":
      return Buffer.byteLength(operation.progress);
    default:
      return 0;
  }
}

function bytesOfSettlement(outcome: Settlement): number {
  if (outcome.kind === "finish") return Buffer.byteLength(outcome.result ?? "");
  if (!("failure" in outcome)) return 0;
  const { message, stack = "" } = outcome.failure;
  return Buffer.byteLength(message) + Buffer.byteLength(stack);
}

function newTasksOf(operation: Operation): readonly NewTask[] {
  if (operation.kind === "enqueue") return [operation];
  return operation.kind === "enqueueMany" ? operation.tasks : [];
}
