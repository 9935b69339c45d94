import type { TaskState } from "../../core/transitions.ts";
import type { AttemptKey } from "../port.ts";
import type { Prepared, Sql } from "./prepared.ts";
import { isReadable, readable } from "./readable.ts";
import { number, optionalNumber, optionalText, text, type Row, UnreadableRow } from "./row.ts";

/** What has to be known of a task before its state can change. */
export interface TaskRow {
  readonly key: number;
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly priority: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly epoch: number;
  readonly requeued: boolean;
  readonly abortRequested: boolean;
}

/** The same, with what its latest claim has written. */
export interface WholeTaskRow extends TaskRow {
  readonly worker: string | undefined;
  /** As the worker of the latest claim resolved it. */
  readonly maxRestarts: number;
}

/**
 * Its columns, for statements that find tasks to act upon. A number that JavaScript has not is read as one that it has:
 * damage to what is not needed must not keep a task from being ended.
 */
export const TASK_COLUMNS: string = `
      key, id, topic, function, priority, state, ${readable("attempt", "1")}, ${readable("epoch", "0")},
      requeued <> 0 AS requeued, abort_requested <> 0 AS abort_requested, worker, resolved_max_restarts`;

/** How much is removed with a task; the length of a text is known without reading it. */
export const BYTES_COLUMN: string = `
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
      ) AS bytes`;

export const TASK_ROW_SQL: Sql<"byId" | "byAttempt"> = {
  byId: `
    SELECT ${TASK_COLUMNS}
    FROM tasks
    WHERE id = ?`,

  /** Only while that is the current attempt. */
  byAttempt: `
    SELECT
      key, topic, function, priority, ${readable("attempt", "1")}, requeued <> 0 AS requeued,
      abort_requested <> 0 AS abort_requested
    FROM tasks
    WHERE id = ? AND epoch = ? AND state = 'running' AND ${isReadable("epoch")}`,
};

export function findTask(prepared: Prepared, id: string): WholeTaskRow | undefined {
  const row = prepared.of(TASK_ROW_SQL).byId.get(id);
  return row && readTaskRow(row);
}

/** The task of an attempt that is still its current one. */
export function findAttempt(prepared: Prepared, { id, epoch }: AttemptKey): TaskRow | undefined {
  const row = prepared.of(TASK_ROW_SQL).byAttempt.get(id, epoch);
  if (row === undefined) return undefined;
  return {
    key: number(row, "key"),
    id,
    topic: text(row, "topic"),
    function: text(row, "function"),
    priority: number(row, "priority"),
    state: "running",
    attempt: number(row, "attempt"),
    epoch,
    requeued: row["requeued"] === 1,
    abortRequested: row["abort_requested"] === 1,
  };
}

export function readTaskRow(row: Row): WholeTaskRow {
  return {
    key: number(row, "key"),
    id: text(row, "id"),
    topic: text(row, "topic"),
    function: text(row, "function"),
    priority: number(row, "priority"),
    state: readState(row),
    attempt: number(row, "attempt"),
    epoch: number(row, "epoch"),
    requeued: row["requeued"] === 1,
    abortRequested: row["abort_requested"] === 1,
    worker: optionalText(row, "worker"),
    maxRestarts: optionalNumber(row, "resolved_max_restarts") ?? 0,
  };
}

export function readState(row: Row): TaskState {
  const state = text(row, "state");
  switch (state) {
    case "ready":
    case "waiting":
    case "running":
    case "finished":
    case "in_dead_letter_queue":
    case "aborted":
      return state;
    default:
      throw new UnreadableRow(`A task is in an unknown state, ${JSON.stringify(state)}.`);
  }
}
