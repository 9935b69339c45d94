import { hasEnded, mayHappen } from "../../core/transitions.ts";
import type { AbortResult, OperationResults } from "../port.ts";
import type { TaskTable } from "./task-table.ts";

/** What people do to single tasks: abort, and the two of the dead-letter queue. */
export function abort(table: TaskTable, id: string, now: number): AbortResult {
  const task = table.get(id);
  if (task === undefined) return { kind: "notFound" };
  if (hasEnded(task.state)) return { kind: "ended", state: task.state };
  if (task.state === "running") {
    task.abortRequested = true;
    return { kind: "requested", worker: task.worker, epoch: task.epoch };
  }
  table.change(task, { event: "abort", to: "aborted", changes: { endedAt: now } });
  return { kind: "aborted" };
}

export function requeue(table: TaskTable, id: string, now: number): OperationResults["requeue"] {
  const task = table.get(id);
  if (task === undefined || !mayHappen("requeue", task.state)) return undefined;
  table.change(task, {
    event: "requeue",
    to: "ready",
    changes: {
      sequence: table.nextSequence(),
      queuedAt: now,
      attempt: 0,
      requeued: true,
      startedAt: undefined,
      endedAt: undefined,
    },
  });
  return { topic: task.topic };
}

export function discard(table: TaskTable, id: string): boolean {
  const task = table.get(id);
  if (task === undefined || !mayHappen("discard", task.state)) return false;
  table.delete(task, "discard");
  return true;
}
