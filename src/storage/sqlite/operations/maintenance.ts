import type { OperationResults, PruneOperation } from "../../port.ts";
import { number } from "../row.ts";
import { BYTES_COLUMN, readTaskRow, TASK_COLUMNS } from "../task-row.ts";
import { transition } from "../transition.ts";
import type { Turn } from "../turn.ts";
import { expireDue } from "./expiry.ts";
import type { Sql } from "../prepared.ts";

export const MAINTENANCE_SQL: Sql<"due" | "ended" | "sizeOf" | "insertProbe" | "removeProbe"> = {
  due: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE state = 'waiting' AND due_at <= ?
    ORDER BY due_at, sequence
    LIMIT ?`,

  ended: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE topic = ? AND state = ? AND ended_at IS NOT NULL AND ended_at < ?
    ORDER BY ended_at
    LIMIT ?`,

  sizeOf: `
    SELECT ${BYTES_COLUMN}
    FROM tasks
    WHERE key = ?`,

  insertProbe: `INSERT INTO counters (name, value) VALUES (printf('probe%.*c', ?, '.'), 0)`,

  removeProbe: `DELETE FROM counters WHERE name GLOB 'probe.*'`,
};

/** More than most turns write, and as much again: what fits where they do not would prove nothing. */
const PROBE_BYTES = 128 * 1024;

/** Does what the time asks for: ends tasks that have expired, and moves those that are due to the ends of their lines. */
export function promote(turn: Turn, limit: number): OperationResults["promote"] {
  const expired = expireDue(turn, limit);
  const rows = turn.prepared.of(MAINTENANCE_SQL).due.all(turn.now, limit + 1);
  const topics = new Set<string>();
  for (const task of rows.slice(0, limit).map(readTaskRow)) {
    transition(turn, task, "promote", { to: "ready" });
    topics.add(task.topic);
  }
  return { topics: [...topics], more: rows.length > limit || expired > limit };
}

/** Removes tasks whose retention has passed, of each topic the earliest first; what belongs to them goes along. */
export function prune(turn: Turn, operation: PruneOperation): OperationResults["prune"] {
  const { state, topics, endedBefore, limit, maxBytes } = operation;
  const { ended, sizeOf } = turn.prepared.of(MAINTENANCE_SQL);
  let removed = 0;
  let bytes = 0;
  for (const topic of topics) {
    for (const row of ended.all(topic, state, endedBefore, limit - removed + 1)) {
      if (removed >= limit || bytes >= maxBytes) return { removed, more: true };
      const task = readTaskRow(row);
      bytes += number(sizeOf.get(task.key) ?? {}, "bytes");
      transition(turn, task, "prune", { to: "removed" });
      removed += 1;
    }
  }
  return { removed, more: false };
}

/** Writes a long row and removes it: SQLite puts its pages into the log all the same, and has them synchronised. */
export function probe({ prepared }: Turn): undefined {
  const { insertProbe, removeProbe } = prepared.of(MAINTENANCE_SQL);
  insertProbe.run(PROBE_BYTES);
  removeProbe.run();
}
