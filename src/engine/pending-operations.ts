import type {
  ClaimedTask,
  NewTask,
  Operation,
  OperationOutcome,
  OperationResults,
  Settlement,
} from "../storage/port.ts";

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

/** How many bytes an operation takes to storage, as far as callers and handlers decide it. */
export function bytesOf(operation: Operation): number {
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

export function newTasksOf(operation: Operation): readonly NewTask[] {
  if (operation.kind === "enqueue") return [operation];
  return operation.kind === "enqueueMany" ? operation.tasks : [];
}

export function topicsOf(pending: readonly Pending[]): ReadonlySet<string> {
  return new Set(pending.flatMap(({ newTasks }) => newTasks.map(({ topic }) => topic)));
}

/**
 * An operation as its turn takes it: whether new tasks can be started at once is decided for all of a turn in the same
 * moment. Else one that came when a worker ran would overtake one that came before.
 */
export function startingNow(operation: Operation, startFor: (task: NewTask) => NewTask["start"]): Operation {
  const withStart = <Task extends NewTask>(task: Task): Task => {
    const start = startFor(task);
    return start === undefined ? task : { ...task, start };
  };
  if (operation.kind === "enqueue") return withStart(operation);
  return operation.kind === "enqueueMany" ? { ...operation, tasks: operation.tasks.map(withStart) } : operation;
}

/** The tasks that an operation has stored as already claimed. */
export function startedBy(operation: Operation, value: OperationResults[Operation["kind"]]): readonly ClaimedTask[] {
  if (operation.kind === "enqueueMany") {
    const result = value as OperationResults["enqueueMany"];
    return result.kind === "stored" ? result.claimed : [];
  }
  if (operation.kind !== "enqueue") return [];
  const result = value as OperationResults["enqueue"];
  return result.kind === "claimed" ? [result.task] : [];
}
