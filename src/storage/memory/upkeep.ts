import type { OperationResults, PruneOperation } from "../port.ts";
import type { TaskTable } from "./task-table.ts";

/** Moves waiting tasks that are due to the ends of their lines. */
export function promote(table: TaskTable, limit: number, now: number): OperationResults["promote"] {
  const topics = new Set<string>();
  for (let promoted = 0; ; promoted++) {
    const task = table.firstWaiting();
    if (task === undefined || task.dueAt > now) return { topics: [...topics], more: false };
    if (promoted >= limit) return { topics: [...topics], more: true };
    table.change(task, { event: "promote", to: "ready", changes: { sequence: table.nextSequence(), queuedAt: now } });
    topics.add(task.topic);
  }
}

/** Removes tasks whose retention has passed, of each topic the earliest first. */
export function prune(table: TaskTable, operation: PruneOperation): OperationResults["prune"] {
  const { state, topics, endedBefore, limit, maxBytes } = operation;
  let removed = 0;
  let bytes = 0;
  for (const topic of topics) {
    for (;;) {
      const task = table.ended.firstEndedBefore(state, topic, endedBefore);
      if (task === undefined) break;
      if (removed >= limit || bytes >= maxBytes) return { removed, more: true };
      bytes += task.bytes;
      table.delete(task, "prune");
      removed += 1;
    }
  }
  return { removed, more: false };
}

/** The states of ended tasks, those first that are missed the least. */
const ENDED_STATES = ["finished", "aborted", "in_dead_letter_queue"] as const;

/**
 * Removes the ended tasks that are more than memory has room for, the earliest first. Not in the turn in which they end:
 * whoever waits for the end of one looks it up once that turn is over.
 */
export function removeSurplus(table: TaskTable): void {
  const { ended, memory } = table;
  for (const state of ENDED_STATES) {
    while (ended.count(state) > memory.limits.endedTasks || memory.hasTooManyEnded) {
      const task = ended.first(state);
      if (task === undefined) break;
      table.delete(task, "prune");
    }
  }
}
