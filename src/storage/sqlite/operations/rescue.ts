import type { OperationResults, RescueOperation } from "../../port.ts";
import { type WholeTaskRow, readTaskRow, TASK_COLUMNS } from "../task-row.ts";
import { transition } from "../transition.ts";
import type { Turn } from "../turn.ts";
import { condemn, findLease, removeWorker } from "./workers.ts";
import type { Sql } from "../prepared.ts";

export const RESCUE_SQL: Sql<"runningOf"> = {
  runningOf: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE state = 'running' AND worker = ?
    ORDER BY sequence
    LIMIT ?`,
};

/** Condemns a worker that is gone, and takes over what it was running. */
export function rescue(turn: Turn, operation: RescueOperation): OperationResults["rescue"] {
  const { worker, heartbeat, limit } = operation;
  const lease = findLease(turn, worker);
  if (lease === undefined) return { rescued: 0, done: true };
  if (!lease.isCondemned) {
    if (lease.heartbeat !== heartbeat) return { rescued: 0, done: false };
    condemn(turn, worker);
  }
  const rows = turn.prepared.of(RESCUE_SQL).runningOf.all(worker, limit + 1);
  const taken = rows.slice(0, limit).map(readTaskRow);
  for (const task of taken) rescueTask(turn, task, operation);
  const done = taken.length === rows.length;
  if (done) removeWorker(turn, worker);
  return { rescued: taken.length, done };
}

function rescueTask(turn: Turn, task: WholeTaskRow, { failure }: RescueOperation): void {
  if (task.abortRequested) return transition(turn, task, "rescue", { to: "aborted" });
  const to = task.attempt > task.maxRestarts ? "in_dead_letter_queue" : "ready";
  transition(turn, task, "rescue", { to, failure });
}
