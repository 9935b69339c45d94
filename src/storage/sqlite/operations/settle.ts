import { assertNever } from "../../../core/errors.ts";
import type { TransitionEvent } from "../../../core/transitions.ts";
import type {
  DisclaimOperation,
  OperationResults,
  ProgressOperation,
  SettleOperation,
  Settlement,
} from "../../port.ts";
import { isReadable } from "../readable.ts";
import { findAttempt, readTaskRow, TASK_COLUMNS, type TaskRow } from "../task-row.ts";
import { type Next, transition, type TransitionDetails } from "../transition.ts";
import type { Turn } from "../turn.ts";
import type { Sql } from "../prepared.ts";

export const SETTLE_SQL: Sql<"progress" | "attemptsOf"> = {
  progress: `UPDATE tasks SET progress = ? WHERE id = ? AND epoch = ? AND state = 'running'`,

  attemptsOf: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE state = 'running' AND worker = ? AND ${isReadable("epoch")}
    ORDER BY sequence`,
};

/** Records how an attempt ended, unless it is no longer the current one of its task. */
export function settle(turn: Turn, operation: SettleOperation): OperationResults["settle"] {
  const task = findAttempt(turn.prepared, operation);
  if (task === undefined) return { kind: "stale" };
  const { event, next } = consequenceOf(task, operation.outcome, turn.now);
  transition(turn, task, event, next);
  return { kind: "settled", state: next.to };
}

/** Gives back what a worker does not know that it runs. */
export function disclaim(turn: Turn, { worker, known }: DisclaimOperation): readonly string[] {
  const attempts = new Set(known.map(({ id, epoch }) => `${id} ${epoch}`));
  const topics = new Set<string>();
  for (const task of turn.prepared.of(SETTLE_SQL).attemptsOf.all(worker).map(readTaskRow)) {
    if (attempts.has(`${task.id} ${task.epoch}`)) continue;
    const { event, next } = consequenceOf(task, { kind: "giveBack" }, turn.now);
    transition(turn, task, event, next);
    topics.add(task.topic);
  }
  return [...topics];
}

/** Whether it was recorded. */
export function recordProgress({ prepared }: Turn, { progress, id, epoch }: ProgressOperation): boolean {
  return prepared.of(SETTLE_SQL).progress.run(progress, id, epoch).changes !== 0;
}

interface Consequence {
  readonly event: TransitionEvent;
  readonly next: Exclude<Next, { to: "removed" }> & TransitionDetails;
}

/** An attempt that was to be aborted has neither succeeded nor failed. */
function consequenceOf({ attempt, abortRequested }: TaskRow, outcome: Settlement, now: number): Consequence {
  if (abortRequested) return { event: "abort", next: { to: "aborted" } };
  switch (outcome.kind) {
    case "finish":
      return { event: "finish", next: { to: "finished", result: outcome.result } };
    case "abort":
      return { event: "abort", next: { to: "aborted" } };
    case "giveBack":
      return { event: "giveBack", next: { to: "ready", attempt: attempt - 1, keepsPlace: true } };
    case "bury":
      return { event: "bury", next: { to: "in_dead_letter_queue", failure: outcome.failure } };
    case "restart": {
      const { delayMs, failure } = outcome;
      if (delayMs <= 0) return { event: "restart", next: { to: "ready", failure } };
      return { event: "restart", next: { to: "waiting", dueAt: Math.ceil(now + delayMs), failure } };
    }
    default:
      return assertNever(outcome);
  }
}
