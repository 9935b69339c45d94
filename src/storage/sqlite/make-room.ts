import { END_STATES } from "./memory.ts";
import { readTaskRow, TASK_COLUMNS, type TaskRow } from "./task-row.ts";
import { transition } from "./transition.ts";
import type { Turn } from "./turn.ts";
import type { Sql } from "./prepared.ts";

/** Only a database in memory needs it. */
export const MEMORY_SCHEMA = `CREATE INDEX tasks_ended ON tasks (state, ended_at, sequence) WHERE ended_at IS NOT NULL`;

export const MAKE_ROOM_SQL: Sql<"endedFirst"> = {
  endedFirst: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE state = ? AND ended_at IS NOT NULL
    ORDER BY ended_at, sequence
    LIMIT 1`,
};

/** At the begin of a turn on a database in memory: removes ended tasks that are too many, or take too much. */
export function makeRoom(turn: Turn): void {
  const { memory } = turn;
  if (memory === undefined) return;
  let { surplusBytes } = memory;
  for (const state of END_STATES) {
    for (let surplus = memory.surplusOf(state); surplus > 0 || surplusBytes > 0; surplus -= 1) {
      const task = firstEnded(turn, state);
      if (task === undefined) break;
      transition(turn, task, "prune", { to: "removed" });
      surplusBytes -= memory.bytesOf(state, task.id);
    }
  }
  memory.measure();
}

function firstEnded({ prepared }: Turn, state: string): TaskRow | undefined {
  const row = prepared.of(MAKE_ROOM_SQL).endedFirst.get(state);
  return row && readTaskRow(row);
}
