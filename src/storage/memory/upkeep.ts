import type { OperationResults, PruneOperation } from "../port.ts";
import type { TaskTable } from "./task-table.ts";

/** Moves waiting tasks that are due to the ends of their lines. */
export function promote(table: TaskTable, limit: number, now: number): OperationResults["promote"] {
  const topics = new Set<string>();
  for (let promoted = 0; ; promoted++) {
    const task = table.firstWaiting();
    if (task === undefined || task.dueAt > now) return { topics: [...topics], more: false };
    if (promoted >= limit) return { topics: [...topics], more: true };
    table.change(task, { event: "promote", to: "ready", changes: { sequence: table.nextSequence() } });
    topics.add(task.topic);
  }
}

/** Removes tasks whose retention has passed, the earliest first. */
export function prune(table: TaskTable, operation: PruneOperation): OperationResults["prune"] {
  for (let removed = 0; ; removed++) {
    const task = table.firstEndedBefore(operation.state, operation.endedBefore);
    if (task === undefined) return { removed, more: false };
    if (removed >= operation.limit) return { removed, more: true };
    table.delete(task, "prune");
  }
}
