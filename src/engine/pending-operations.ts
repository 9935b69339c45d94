import type { ClaimedTask, NewTask, Operation, OperationOutcome, OperationResults } from "../storage/port.ts";

/** The most tasks and bytes of arguments that one turn takes to storage. */
const LARGEST_TURN = 1_000;
const LARGEST_TURN_BYTES = 4 * 1024 * 1024;

/** An operation that waits for its turn. */
export interface Pending {
  readonly operation: Operation;
  /** The tasks that it is to store. */
  readonly newTasks: readonly NewTask[];
  /** On the monotonic clock; `Infinity` for what must be written however long it takes. */
  readonly giveUpAt: number;
  readonly settle: (outcome: OperationOutcome<Operation>) => void;
}

/** Takes out the next operations in their order, as many as fit into one turn: one at the least, whatever its size. */
export function takeTurn(pending: Pending[]): Pending[] {
  let bytes = 0;
  let tasks = 0;
  let count = 0;
  for (const { newTasks } of pending) {
    tasks += Math.max(newTasks.length, 1);
    for (const { args } of newTasks) bytes += args.length;
    if (count > 0 && (tasks > LARGEST_TURN || bytes > LARGEST_TURN_BYTES)) break;
    count += 1;
  }
  return pending.splice(0, count);
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
