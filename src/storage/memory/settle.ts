import { assertNever } from "../../core/errors.ts";
import type { DisclaimOperation, OperationResults, RescueOperation, SettleOperation } from "../port.ts";
import { recordFailure } from "./failures.ts";
import type { TaskRecord } from "./task-record.ts";
import type { TaskTable, Transition } from "./task-table.ts";
import type { Workers } from "./workers.ts";

/** Records how an attempt ended, if it still is the task's current one. */
export function settle(table: TaskTable, operation: SettleOperation, now: number): OperationResults["settle"] {
  const task = table.get(operation.id);
  if (task?.state !== "running" || task.epoch !== operation.epoch) return { kind: "stale" };
  const next = task.abortRequested ? aborted(now) : settled(table, task, { outcome: operation.outcome, now });
  table.change(task, next);
  return { kind: "settled", state: next.to };
}

/** Gives back what a worker does not know that it runs. */
export function disclaim(table: TaskTable, { worker, known }: DisclaimOperation, now: number): readonly string[] {
  const attempts = new Set(known.map(({ id, epoch }) => `${id} ${epoch}`));
  const unknown = table.runningOf(worker).filter(({ id, epoch }) => !attempts.has(`${id} ${epoch}`));
  for (const { id, epoch } of unknown) settle(table, { kind: "settle", id, epoch, outcome: { kind: "giveBack" } }, now);
  return [...new Set(unknown.map(({ topic }) => topic))];
}

/** Condemns a worker that is gone, and takes over what it was running. */
export function rescue(
  { table, workers }: { table: TaskTable; workers: Workers },
  operation: RescueOperation,
  now: number,
): OperationResults["rescue"] {
  const worker = workers.get(operation.worker);
  if (worker === undefined) return { rescued: 0, done: true };
  if (!worker.isCondemned && worker.heartbeat !== operation.heartbeat) return { rescued: 0, done: false };
  workers.condemn(worker);
  const running = table.runningOf(operation.worker);
  const taken = running.slice(0, operation.limit);
  for (const task of taken) {
    const next = rescued(table, task, now);
    if (!task.abortRequested) recordFailure(table, { task, failure: operation.failure, now });
    table.change(task, { ...next, event: "rescue" });
  }
  const done = taken.length === running.length;
  if (done) workers.remove(operation.worker);
  return { rescued: taken.length, done };
}

function aborted(now: number): Transition {
  return { event: "abort", to: "aborted", changes: { endedAt: now } };
}

function buried(table: TaskTable, now: number): Transition {
  return { event: "bury", to: "in_dead_letter_queue", changes: { endedAt: now, sequence: table.nextSequence() } };
}

function rescued(table: TaskTable, task: TaskRecord, now: number): Transition {
  if (task.abortRequested) return aborted(now);
  if (task.attempt > (task.resolvedMaxRestarts ?? 0)) return buried(table, now);
  return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence(), queuedAt: now } };
}

function settled(
  table: TaskTable,
  task: TaskRecord,
  { outcome, now }: { outcome: SettleOperation["outcome"]; now: number },
): Transition {
  switch (outcome.kind) {
    case "finish":
      return { event: "finish", to: "finished", changes: { endedAt: now, result: outcome.result } };
    case "abort":
      return aborted(now);
    case "giveBack": {
      const attempt = task.attempt - 1;
      const changes = attempt === 0 ? { attempt, startedAt: undefined } : { attempt };
      return { event: "giveBack", to: "ready", changes };
    }
    case "bury":
      recordFailure(table, { task, failure: outcome.failure, now });
      return buried(table, now);
    case "restart":
      recordFailure(table, { task, failure: outcome.failure, now });
      if (outcome.delayMs > 0)
        return { event: "restart", to: "waiting", changes: { dueAt: Math.ceil(now + outcome.delayMs) } };
      return { event: "restart", to: "ready", changes: { sequence: table.nextSequence(), queuedAt: now } };
    default:
      return assertNever(outcome);
  }
}
