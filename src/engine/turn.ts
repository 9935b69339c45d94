import type {
  ClaimedTask,
  ClaimOperation,
  NewTask,
  Operation,
  OperationOutcome,
  OperationResults,
  TurnAnswer,
} from "../storage/port.ts";
import type { Claimer } from "./claimer.ts";
import type { TurnBatch } from "./pending-lines.ts";
import type { Pending } from "./pending-operations.ts";

/** What goes to storage as one transaction. */
export interface Turn {
  readonly batch: TurnBatch;
  /** First what is urgent, with what the loop itself puts before it; then the claims; then what is to be stored. */
  readonly operations: readonly Operation[];
  readonly urgent: readonly Pending[];
  readonly claims: readonly ClaimOperation[];
}

/** @param own what the loop itself has to do before all else; nobody waits for it. */
export function composeTurn(batch: TurnBatch, own: readonly Pending[], claimer: Claimer | undefined): Turn {
  const { enqueues } = batch;
  const urgent = [...own, ...batch.urgent];
  const claims = claimer?.claims(topicsOf(enqueues)) ?? [];
  const stores = enqueues.map(({ operation }) => startingNow(operation, claimer));
  return { batch, operations: [...urgent.map(({ operation }) => operation), ...claims, ...stores], urgent, claims };
}

/** Answers everybody, also where that fails for some, which then is thrown. */
export function answerTurn(turn: Turn, answer: TurnAnswer, claimer: Claimer | undefined): void {
  const { urgent, claims, batch } = turn;
  const outcomes = answer.outcomes.values();
  allOf([
    ...urgent.map(
      ({ settle }) =>
        () =>
          settle(next(outcomes)),
    ),
    ...claims.map((claim) => () => claimer?.claimed(claim, next(outcomes) as OperationOutcome<ClaimOperation>)),
    ...batch.enqueues.map((pending) => () => stored(pending, next(outcomes), claimer)),
  ]);
}

/** Does all of it; what some of it throws is thrown at the end. */
export function allOf(actions: readonly (() => void)[]): void {
  const thrown: unknown[] = [];
  for (const action of actions) {
    try {
      action();
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}

function topicsOf(enqueues: readonly Pending[]): ReadonlySet<string> {
  return new Set(enqueues.flatMap(({ newTasks }) => newTasks.map(({ topic }) => topic)));
}

/**
 * An operation as its turn takes it: whether new tasks can be started at once is decided for all of a turn in the same
 * moment. Else one that came when a worker ran would overtake one that came before.
 */
function startingNow(operation: Operation, claimer: Claimer | undefined): Operation {
  const withStart = <Task extends NewTask>(task: Task): Task => {
    const start = claimer?.startFor(task);
    return start === undefined ? task : { ...task, start };
  };
  if (operation.kind === "enqueue") return withStart(operation);
  return operation.kind === "enqueueMany" ? { ...operation, tasks: operation.tasks.map(withStart) } : operation;
}

function stored(
  { operation, settle }: Pending,
  outcome: OperationOutcome<Operation>,
  claimer: Claimer | undefined,
): void {
  settle(outcome);
  if (outcome.ok) for (const task of startedBy(operation, outcome.value)) claimer?.run(task);
}

/** The tasks that an operation has stored as already claimed. */
function startedBy(operation: Operation, value: OperationResults[Operation["kind"]]): readonly ClaimedTask[] {
  if (operation.kind === "enqueueMany") {
    const result = value as OperationResults["enqueueMany"];
    return result.kind === "stored" ? result.claimed : [];
  }
  if (operation.kind !== "enqueue") return [];
  const result = value as OperationResults["enqueue"];
  return result.kind === "claimed" ? [result.task] : [];
}

function next(outcomes: Iterator<OperationOutcome<Operation>, undefined>): OperationOutcome<Operation> {
  const { value } = outcomes.next();
  if (value === undefined) throw new RangeError("A storage answered fewer operations than it was given.");
  return value;
}
