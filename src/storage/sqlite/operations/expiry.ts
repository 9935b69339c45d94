import type { FailureReason } from "../../../core/failure.ts";
import { readTaskRow, TASK_COLUMNS, type TaskRow } from "../task-row.ts";
import { transition } from "../transition.ts";
import type { Turn } from "../turn.ts";
import type { Sql } from "../prepared.ts";

export const EXPIRY_SQL: Sql<"expired"> = {
  /** What has started once does not expire, whatever became of it. */
  expired: `
    SELECT ${TASK_COLUMNS}
    FROM tasks INDEXED BY tasks_expiring
    WHERE expires_at <= ? AND epoch = 0 AND state IN ('ready', 'waiting')
    ORDER BY expires_at
    LIMIT ?`,
};

const FAILURE: FailureReason = { code: "TASK_EXPIRED", message: "It had not started when it expired." };

/** Whether a queued task is not to be started any more. */
export function isExpired({ epoch }: TaskRow, expiresAt: unknown, now: number): boolean {
  return epoch === 0 && typeof expiresAt === "number" && expiresAt <= now;
}

/** Ends a queued task that has expired. */
export function expire(turn: Turn, task: TaskRow): void {
  transition(turn, task, "expire", { to: "aborted", failure: FAILURE });
}

/** Ends tasks that have expired, the earliest first. How many were found; one more than `limit`: there are more. */
export function expireDue(turn: Turn, limit: number): number {
  const rows = turn.prepared.of(EXPIRY_SQL).expired.all(turn.now, limit + 1);
  for (const row of rows.slice(0, limit)) expire(turn, readTaskRow(row));
  return rows.length;
}
