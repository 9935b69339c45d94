import type { DatabaseSync, StatementSync } from "node:sqlite";
import { mayHappenSql } from "../guard.ts";
import { prepareAll } from "./prepare.ts";
import { isReadable, readable } from "./readable.ts";

const CLAIMABLE = `
    SELECT
      key, id, function, priority, ${readable("attempt", "1")}, ${readable("epoch", "0")}, requeued <> 0 AS requeued,
      ${isReadable("attempt")} AND ${isReadable("epoch")} AS is_counted,
      timeout_ms, abort_grace_ms, max_restarts, max_backoff_ms,
      coalesce(args, (SELECT long_args.args FROM long_args WHERE long_args.task = tasks.key)) AS args
    FROM tasks`;

/** The SQL that finds the tasks to act upon, each served by an index of its own, and what is done to many at once. */
const SQL = {
  /** The head of a topic's line, with all that a claim hands out. */
  ready: `
    ${CLAIMABLE}
    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence
    LIMIT ?`,

  /** A longer piece of it, where only few may be known. */
  readyKeys: `
    SELECT key, function
    FROM tasks
    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence
    LIMIT ?`,

  readyByKey: `${CLAIMABLE} WHERE key = ?`,

  /** The functions that have ready tasks. */
  readyFunctions: `
    SELECT priority, function
    FROM ready_counts
    WHERE topic = ? AND tasks > 0`,

  /** At which priorities one function has ready tasks. */
  readyPriorities: `
    SELECT priority, function
    FROM ready_counts
    WHERE topic = ? AND function = ? AND tasks > 0`,

  /** The next task of one function behind a place in the line. */
  readyOfFunction: `
    SELECT key, sequence
    FROM tasks
    WHERE topic = ? AND priority = ? AND function = ? AND state = 'ready' AND sequence > ?
    ORDER BY sequence
    LIMIT 1`,

  due: `
    SELECT key, topic, priority, function
    FROM tasks
    WHERE state = 'waiting' AND due_at <= ?
    ORDER BY due_at, sequence
    LIMIT ?`,

  promote: `
    UPDATE tasks
    SET state = 'ready', sequence = ?, queued_at = ?, due_at = NULL
    WHERE key = ? AND ${mayHappenSql("promote")}`,

  runningOf: `
    SELECT
      key, topic, priority, function, ${readable("attempt", "1")}, resolved_max_restarts,
      abort_requested <> 0 AS abort_requested
    FROM tasks
    WHERE state = 'running' AND worker = ?
    ORDER BY sequence
    LIMIT ?`,

  attemptsOf: `
    SELECT id, epoch, topic
    FROM tasks
    WHERE state = 'running' AND worker = ? AND ${isReadable("epoch")}
    ORDER BY sequence`,

  rescue: `
    UPDATE tasks
    SET
      state = :state,
      sequence = :sequence,
      queued_at = :now,
      ended_at = iif(:state = 'ready', NULL, :now),
      progress = iif(:state = 'ready', NULL, progress)
    WHERE key = :task AND ${mayHappenSql("rescue")}`,

  ended: `
    SELECT key
    FROM tasks
    WHERE topic = ? AND state = ? AND ended_at IS NOT NULL AND ended_at < ?
    ORDER BY ended_at
    LIMIT ?`,

  /** How much is removed with a task; the length of a text is known without reading it. */
  sizeOf: `
    SELECT
      coalesce(octet_length(args), 0)
      + coalesce(octet_length(result), 0)
      + coalesce((SELECT octet_length(long_args.args) FROM long_args WHERE long_args.task = tasks.key), 0)
      + coalesce(
        (
          SELECT sum(octet_length(message) + coalesce(octet_length(stack), 0))
          FROM failures
          WHERE failures.task = tasks.key
        ),
        0
      ) AS bytes
    FROM tasks
    WHERE key = ?`,

  remove: `DELETE FROM tasks WHERE key = ? AND ${mayHappenSql("prune")}`,
};

export type SelectionStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function selectionStatements(database: DatabaseSync): SelectionStatements {
  return prepareAll(database, SQL);
}
