import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";
import { isReadable, readable } from "./readable.ts";

/** One statement reads a task with its failures, so that both are of the same moment. */
const WHOLE_TASK = `
    SELECT
      id, topic, function, priority, state, ${readable("attempt", "0")}, ${readable("epoch", "0")},
      timeout_ms, abort_grace_ms, max_restarts, max_backoff_ms,
      resolved_max_restarts, ${readable("enqueued_at", "0")}, ${readable("started_at")}, ${readable("ended_at")},
      progress, result, ${readable("failure_count", "0")},
      coalesce(args, (SELECT long_args.args FROM long_args WHERE long_args.task = tasks.key)) AS args,
      (
        SELECT json_group_array(json_array(attempt, at, code, message, stack) ORDER BY failure)
        FROM failures
        WHERE failures.task = tasks.key
      ) AS failures
    FROM tasks`;

const SQL = {
  task: `${WHOLE_TASK} WHERE id = ?`,

  state: `SELECT state FROM tasks WHERE id = ?`,

  deadLetterPlace: `SELECT sequence FROM tasks WHERE id = ? AND state = 'in_dead_letter_queue'`,

  deadLetters: `
    SELECT id, ended_at
    FROM tasks
    WHERE state = 'in_dead_letter_queue' AND sequence < ? AND coalesce(ended_at, 0) < ?
    ORDER BY sequence DESC
    LIMIT ?`,

  deadLettersOfTopic: `
    SELECT id, ended_at
    FROM tasks
    WHERE state = 'in_dead_letter_queue' AND topic = ? AND sequence < ? AND coalesce(ended_at, 0) < ?
    ORDER BY sequence DESC
    LIMIT ?`,

  abortRequests: `
    SELECT id, epoch
    FROM tasks
    WHERE state = 'running' AND worker = ? AND abort_requested = 1 AND ${isReadable("epoch")}`,

  nextDueAt: `SELECT min(due_at) AS due_at FROM tasks WHERE state = 'waiting' AND ${isReadable("due_at")}`,

  dataVersion: `PRAGMA data_version`,
};

export type ReadStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function readStatements(database: DatabaseSync): ReadStatements {
  return prepareAll(database, SQL);
}
