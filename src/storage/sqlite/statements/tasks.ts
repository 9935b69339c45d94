import type { DatabaseSync, StatementSync } from "node:sqlite";
import { mayHappenSql } from "../guard.ts";
import { prepareAll } from "./prepare.ts";
import { readable } from "./readable.ts";

/** The SQL over `tasks` that changes one task; each change of state is one guarded statement. */
const SQL = {
  insertReady: `
    INSERT INTO tasks (
      id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at,
      timeout_ms, abort_grace_ms, max_restarts, max_backoff_ms, args
    )
    VALUES (?, ?, ?, ?, 'ready', ?, 0, 0, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`,

  /** An enqueue that starts at once: stored as already claimed. */
  insertRunning: `
    INSERT INTO tasks (
      id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at,
      timeout_ms, abort_grace_ms, max_restarts, max_backoff_ms, args,
      started_at, worker, resolved_max_restarts
    )
    VALUES (?, ?, ?, ?, 'running', ?, 1, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`,

  insertLongArgs: `INSERT INTO long_args (task, args) VALUES (?, ?)`,

  exists: `SELECT 1 FROM tasks WHERE id = ?`,

  claim: `
    UPDATE tasks
    SET
      state = 'running',
      attempt = ?,
      epoch = ?,
      worker = ?,
      started_at = ?,
      resolved_max_restarts = ?
    WHERE key = ? AND ${mayHappenSql("claim")}`,

  /** What most attempts end with. Without RETURNING, it takes half the time. */
  finish: `
    UPDATE tasks
    SET state = 'finished', result = ?, ended_at = ?
    WHERE key = ? AND epoch = ? AND ${mayHappenSql("finish")} AND NOT abort_requested`,

  endAborted: `
    UPDATE tasks
    SET state = 'aborted', ended_at = ?
    WHERE id = ? AND epoch = ? AND ${mayHappenSql("abort")} AND state = 'running'
    RETURNING topic, state`,

  restartNow: `
    UPDATE tasks
    SET
      state = iif(abort_requested, 'aborted', 'ready'),
      ended_at = iif(abort_requested, :now, NULL),
      progress = iif(abort_requested, progress, NULL),
      sequence = :sequence,
      queued_at = :now
    WHERE id = :id AND epoch = :epoch AND ${mayHappenSql("restart")}
    RETURNING key, topic, priority, function, attempt, state`,

  restartLater: `
    UPDATE tasks
    SET
      state = iif(abort_requested, 'aborted', 'waiting'),
      ended_at = iif(abort_requested, ?, NULL),
      progress = iif(abort_requested, progress, NULL),
      due_at = ?
    WHERE id = ? AND epoch = ? AND ${mayHappenSql("restart")}
    RETURNING key, topic, function, attempt, state`,

  bury: `
    UPDATE tasks
    SET
      state = iif(abort_requested, 'aborted', 'in_dead_letter_queue'),
      ended_at = ?,
      sequence = ?
    WHERE id = ? AND epoch = ? AND ${mayHappenSql("bury")}
    RETURNING key, topic, attempt, state`,

  giveBack: `
    UPDATE tasks
    SET
      state = iif(abort_requested, 'aborted', 'ready'),
      ended_at = iif(abort_requested, ?, NULL),
      progress = iif(abort_requested, progress, NULL),
      started_at = iif(attempt = 1 AND NOT abort_requested, NULL, started_at),
      attempt = attempt - NOT abort_requested
    WHERE id = ? AND epoch = ? AND ${mayHappenSql("giveBack")}
    RETURNING topic, priority, function, attempt, requeued, state`,

  running: `
    SELECT key, topic, abort_requested <> 0 AS abort_requested
    FROM tasks
    WHERE id = ? AND epoch = ? AND state = 'running'`,

  progress: `UPDATE tasks SET progress = ? WHERE id = ? AND epoch = ? AND state = 'running'`,

  /** Its epoch is asked for while it runs only: damage to what is not needed is not to keep a task from being aborted. */
  describe: `
    SELECT
      key, topic, priority, function, ${readable("attempt", "1")}, requeued <> 0 AS requeued, state, worker,
      iif(state = 'running', epoch, 0) AS epoch
    FROM tasks
    WHERE id = ?`,

  abortQueued: `
    UPDATE tasks
    SET state = 'aborted', ended_at = ?
    WHERE key = ? AND ${mayHappenSql("abort")} AND state <> 'running'`,

  requestAbort: `UPDATE tasks SET abort_requested = 1 WHERE key = ? AND ${mayHappenSql("abort")} AND state = 'running'`,

  requeue: `
    UPDATE tasks
    SET
      state = 'ready',
      sequence = ?,
      queued_at = ?,
      attempt = 0,
      requeued = 1,
      started_at = NULL,
      ended_at = NULL,
      progress = NULL
    WHERE id = ? AND ${mayHappenSql("requeue")}
    RETURNING topic, priority, function`,

  discard: `DELETE FROM tasks WHERE id = ? AND ${mayHappenSql("discard")} RETURNING topic`,
};

export type TaskStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function taskStatements(database: DatabaseSync): TaskStatements {
  return prepareAll(database, SQL);
}
