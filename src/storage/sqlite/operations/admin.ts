import { hasEnded } from "../../../core/transitions.ts";
import type { AbortResult, OperationResults } from "../../port.ts";
import { findTask } from "../task-row.ts";
import { transition } from "../transition.ts";
import type { Turn } from "../turn.ts";
import type { Sql } from "../prepared.ts";

export const ADMIN_SQL: Sql<"requestAbort"> = {
  requestAbort: `UPDATE tasks SET abort_requested = 1 WHERE key = ?`,
};

/** Ends a queued task; of a running one, records that its abort was asked for. */
export function abort(turn: Turn, id: string): AbortResult {
  const task = findTask(turn.prepared, id);
  if (task === undefined) return { kind: "notFound" };
  const { state, worker = "", epoch } = task;
  if (hasEnded(state)) return { kind: "ended", state };
  if (state === "running") {
    turn.prepared.of(ADMIN_SQL).requestAbort.run(task.key);
    return { kind: "requested", worker, epoch };
  }
  transition(turn, task, "abort", { to: "aborted" });
  return { kind: "aborted" };
}

/** Queues a task of the dead-letter queue again, its attempts counted from 0. */
export function requeue(turn: Turn, id: string): OperationResults["requeue"] {
  const task = findTask(turn.prepared, id);
  if (task?.state !== "in_dead_letter_queue") return undefined;
  transition(turn, task, "requeue", { to: "ready", attempt: 0, requeued: true });
  return { topic: task.topic };
}

/** Removes a task from the dead-letter queue. */
export function discard(turn: Turn, id: string): boolean {
  const task = findTask(turn.prepared, id);
  if (task?.state !== "in_dead_letter_queue") return false;
  transition(turn, task, "discard", { to: "removed" });
  return true;
}
