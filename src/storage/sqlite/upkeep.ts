import type { OperationResults, PruneOperation } from "../port.ts";
import { number, text } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

/** Moves waiting tasks that are due to the ends of their lines. */
export function promote({ statements, counters, now }: TurnContext, limit: number): OperationResults["promote"] {
  const rows = statements.selection.due.all(now, limit + 1);
  const topics = new Set<string>();
  for (const row of rows.slice(0, limit)) {
    const topic = text(row, "topic");
    const name = text(row, "function");
    statements.selection.promote.run(counters.nextSequence(), now, number(row, "key"));
    counters.moved(topic, "waiting", "ready");
    counters.waiting(topic, name, -1);
    counters.ready({ topic, priority: number(row, "priority"), function: name }, 1, false);
    topics.add(topic);
  }
  return { topics: [...topics], more: rows.length > limit };
}

/** Removes tasks whose retention has passed, of each topic the earliest first; what belongs to them goes along. */
export function prune({ statements, counters }: TurnContext, operation: PruneOperation): OperationResults["prune"] {
  const { state, topics, endedBefore, limit, maxBytes } = operation;
  let removed = 0;
  let bytes = 0;
  for (const topic of topics) {
    for (const row of statements.selection.ended.all(topic, state, endedBefore, limit - removed + 1)) {
      if (removed >= limit || bytes >= maxBytes) return { removed, more: true };
      bytes += number(statements.selection.sizeOf.get(number(row, "key")) ?? {}, "bytes");
      statements.selection.remove.run(number(row, "key"));
      counters.state(topic, state, -1);
      removed += 1;
    }
  }
  return { removed, more: false };
}

/** Writes a long row and removes it: SQLite puts its pages into the log all the same, and has them synchronised. */
export function probe({ statements }: TurnContext, bytes: number): undefined {
  statements.counters.insertProbe.run(bytes);
  statements.counters.removeProbe.run();
}
