import { assertNever } from "../../core/errors.ts";
import type { FailureReason } from "../../core/failure.ts";
import type { TaskState } from "../../core/transitions.ts";
import type { AttemptKey, DisclaimOperation, OperationResults, SettleOperation } from "../port.ts";
import { recordFailure } from "./failures.ts";
import { number, text, type Row } from "./row.ts";
import { readState } from "./task-rows.ts";
import type { TurnContext } from "./turn-context.ts";

type SettleResult = OperationResults["settle"];

/** Records how an attempt ended; every statement is guarded by state and epoch, and minds an abort asked for. */
export function settle(turn: TurnContext, operation: SettleOperation): SettleResult {
  const { outcome } = operation;
  switch (outcome.kind) {
    case "finish":
      return finish(turn, operation, outcome.result);
    case "abort":
      return endAborted(turn, operation);
    case "giveBack":
      return giveBack(turn, operation);
    case "bury":
      return bury(turn, operation, outcome.failure);
    case "restart":
      return outcome.delayMs > 0
        ? restartLater(turn, operation, outcome)
        : restartNow(turn, operation, outcome.failure);
    default:
      return assertNever(outcome);
  }
}

/** Gives back what a worker does not know that it runs. */
export function disclaim(turn: TurnContext, { worker, known }: DisclaimOperation): readonly string[] {
  const attempts = new Set(known.map(({ id, epoch }) => `${id} ${epoch}`));
  const topics = new Set<string>();
  for (const row of turn.statements.selection.attemptsOf.all(worker)) {
    const attempt = { id: text(row, "id"), epoch: number(row, "epoch") };
    if (attempts.has(`${attempt.id} ${attempt.epoch}`)) continue;
    giveBack(turn, attempt);
    topics.add(text(row, "topic"));
  }
  return [...topics];
}

function finish(turn: TurnContext, { id, epoch }: AttemptKey, result: string | undefined): SettleResult {
  const { tasks } = turn.statements;
  const row = tasks.running.get(id, epoch);
  if (row === undefined) return { kind: "stale" };
  if (row["abort_requested"] === 1) return endAborted(turn, { id, epoch });
  tasks.finish.run(result ?? null, turn.now, number(row, "key"), epoch);
  turn.counters.moved(text(row, "topic"), "running", "finished");
  return { kind: "settled", state: "finished" };
}

function endAborted(turn: TurnContext, { id, epoch }: AttemptKey): SettleResult {
  return settled(turn, turn.statements.tasks.endAborted.get(turn.now, id, epoch));
}

function giveBack(turn: TurnContext, { id, epoch }: AttemptKey): SettleResult {
  const row = turn.statements.tasks.giveBack.get(turn.now, id, epoch);
  if (row !== undefined) countIfReady(turn, row, number(row, "attempt") === 0 && number(row, "requeued") === 0);
  return settled(turn, row);
}

function bury(turn: TurnContext, { id, epoch }: AttemptKey, failure: FailureReason): SettleResult {
  const row = turn.statements.tasks.bury.get(turn.now, turn.counters.nextSequence(), id, epoch);
  if (row !== undefined) recordUnlessAborted(turn, row, failure);
  return settled(turn, row);
}

function restartNow(turn: TurnContext, { id, epoch }: AttemptKey, failure: FailureReason): SettleResult {
  const row = turn.statements.tasks.restartNow.get({
    now: turn.now,
    sequence: turn.counters.nextSequence(),
    id,
    epoch,
  });
  if (row !== undefined) {
    recordUnlessAborted(turn, row, failure);
    countIfReady(turn, row, false);
  }
  return settled(turn, row);
}

function restartLater(
  turn: TurnContext,
  { id, epoch }: AttemptKey,
  { failure, delayMs }: { readonly failure: FailureReason; readonly delayMs: number },
): SettleResult {
  const row = turn.statements.tasks.restartLater.get(turn.now, Math.ceil(turn.now + delayMs), id, epoch);
  if (row !== undefined) {
    recordUnlessAborted(turn, row, failure);
    if (row["state"] === "waiting") turn.counters.waiting(text(row, "topic"), text(row, "function"), 1);
  }
  return settled(turn, row);
}

function settled({ counters }: TurnContext, row: Row | undefined): SettleResult {
  if (row === undefined) return { kind: "stale" };
  const state: TaskState = readState(row);
  counters.moved(text(row, "topic"), "running", state);
  return { kind: "settled", state };
}

/** An attempt that was to be aborted has not failed. */
function recordUnlessAborted(turn: TurnContext, row: Row, failure: FailureReason): void {
  if (row["state"] !== "aborted")
    recordFailure(turn, { task: number(row, "key"), attempt: number(row, "attempt"), failure });
}

function countIfReady({ counters }: TurnContext, row: Row, countsForCapacity: boolean): void {
  if (row["state"] !== "ready") return;
  const line = { topic: text(row, "topic"), priority: number(row, "priority"), function: text(row, "function") };
  counters.ready(line, 1, countsForCapacity);
}
