import type { OperationResults, PruneOperation } from "../port.ts";
import { number, text } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

/** Moves waiting tasks that are due to the ends of their lines. */
export function promote({ statements, counters, now }: TurnContext, limit: number): OperationResults["promote"] {
  const rows = statements.selection.due.all(now, limit + 1);
  const topics = new Set<string>();
  for (const row of rows.slice(0, limit)) {
    const topic = text(row, "topic");
    statements.selection.promote.run(counters.nextSequence(), number(row, "key"));
    counters.moved(topic, "waiting", "ready");
    counters.ready({ topic, priority: number(row, "priority"), function: text(row, "function") }, 1, false);
    topics.add(topic);
  }
  return { topics: [...topics], more: rows.length > limit };
}

/** Removes tasks whose retention has passed, the earliest first; what belongs to them goes along. */
export function prune({ statements, counters }: TurnContext, operation: PruneOperation): OperationResults["prune"] {
  const { state, endedBefore, limit } = operation;
  const rows = statements.selection.ended.all(state, endedBefore, limit + 1);
  const removed = rows.slice(0, limit);
  for (const row of removed) {
    statements.selection.remove.run(number(row, "key"));
    counters.state(text(row, "topic"), state, -1);
  }
  return { removed: removed.length, more: rows.length > limit };
}

/** Writes a long row and removes it: SQLite puts its pages into the log all the same, and has them synchronised. */
export function probe({ statements }: TurnContext, bytes: number): undefined {
  statements.counters.insertProbe.run(bytes);
  statements.counters.removeProbe.run();
}
