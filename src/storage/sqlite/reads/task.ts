import type { FailureCode } from "../../../core/task.ts";
import type { TaskState } from "../../../core/transitions.ts";
import { readStoredOptions } from "../../../core/options/stored.ts";
import type { AttemptKey, StoredFailure, StoredTask } from "../../port.ts";
import type { Prepared, Sql } from "../prepared.ts";
import { isReadable, readable } from "../readable.ts";
import { number, optionalNumber, optionalText, text, type Row } from "../row.ts";
import { readState } from "../task-row.ts";
import { ARGS_COLUMN, readArgs } from "../work.ts";

export const TASK_SQL: Sql<"whole" | "state" | "states" | "abortRequests" | "nextDueAt"> = {
  /** One statement reads a task with its failures, so that both are of the same moment. */
  whole: `
    SELECT
      id, topic, function, priority, state, ${readable("attempt", "0")}, ${readable("epoch", "0")}, options,
      resolved_max_restarts, ${readable("enqueued_at", "0")}, ${readable("run_at")}, ${readable("started_at")},
      ${readable("ended_at")}, progress, result, ${readable("failure_count", "0")},${ARGS_COLUMN},
      (
        SELECT json_group_array(json_array(attempt, at, code, message, stack) ORDER BY failure)
        FROM failures
        WHERE failures.task = tasks.key
      ) AS failures
    FROM tasks
    WHERE id = ?`,

  state: `SELECT state FROM tasks WHERE id = ?`,

  /** Of all ids in a list as JSON. */
  states: `SELECT tasks.id, tasks.state FROM json_each(?) AS wanted JOIN tasks ON tasks.id = wanted.value`,

  abortRequests: `
    SELECT id, epoch
    FROM tasks
    WHERE state = 'running' AND worker = ? AND abort_requested = 1 AND ${isReadable("epoch")}`,

  nextDueAt: `
    SELECT min(due_at) AS due_at
    FROM (
      SELECT min(due_at) AS due_at FROM tasks WHERE state = 'waiting' AND ${isReadable("due_at")}
      UNION ALL
      SELECT min(expires_at)
      FROM tasks
      WHERE expires_at IS NOT NULL AND epoch = 0 AND state IN ('ready', 'waiting') AND ${isReadable("expires_at")}
    )`,
};

/** What can be shown of a task; damage to one of a page is not to hide the others. */
export function readTask(prepared: Prepared, id: string): StoredTask | undefined {
  const row = prepared.of(TASK_SQL).whole.get(id);
  return row && toTask(row);
}

export function readTaskState(prepared: Prepared, id: string): TaskState | undefined {
  const row = prepared.of(TASK_SQL).state.get(id);
  return row && readState(row);
}

export function readTaskStates(prepared: Prepared, ids: readonly string[]): Map<string, TaskState> {
  const rows = prepared.of(TASK_SQL).states.all(JSON.stringify(ids));
  return new Map(rows.map((row) => [text(row, "id"), readState(row)]));
}

/** The running attempts of a worker whose abort was asked for. */
export function readAbortRequests(prepared: Prepared, worker: string): AttemptKey[] {
  const rows = prepared.of(TASK_SQL).abortRequests.all(worker);
  return rows.map((row) => ({ id: text(row, "id"), epoch: number(row, "epoch") }));
}

/** When the next task is due, or expires. */
export function readNextDueAt(prepared: Prepared): number | undefined {
  return optionalNumber(prepared.of(TASK_SQL).nextDueAt.get() ?? {}, "due_at");
}

function toTask(row: Row): StoredTask {
  return {
    id: text(row, "id"),
    topic: text(row, "topic"),
    function: text(row, "function"),
    args: readArgs(row),
    priority: number(row, "priority"),
    state: readState(row),
    attempt: number(row, "attempt"),
    epoch: number(row, "epoch"),
    options: readStoredOptions(optionalText(row, "options")),
    resolvedMaxRestarts: optionalNumber(row, "resolved_max_restarts"),
    enqueuedAt: number(row, "enqueued_at"),
    runAt: optionalNumber(row, "run_at"),
    startedAt: optionalNumber(row, "started_at"),
    endedAt: optionalNumber(row, "ended_at"),
    result: optionalText(row, "result"),
    progress: optionalText(row, "progress"),
    failures: readFailures(text(row, "failures")),
    failureCount: number(row, "failure_count"),
  };
}

/** Each failure is an array: attempt, at, code, message, stack. */
function readFailures(json: string): StoredFailure[] {
  const failures: unknown = JSON.parse(json);
  return Array.isArray(failures) ? failures.map(readFailure) : [];
}

function readFailure(failure: unknown): StoredFailure {
  const columns: readonly unknown[] = Array.isArray(failure) ? failure : [];
  const [attempt, at, code, message, stack] = columns;
  return {
    attempt: typeof attempt === "number" ? attempt : 0,
    at: typeof at === "number" ? at : 0,
    // A later version may know more codes.
    code: isFailureCode(code) ? code : "TASK_FAILED",
    message: typeof message === "string" ? message : "",
    ...(typeof stack === "string" && { stack }),
  };
}

const FAILURE_CODES: Readonly<Record<FailureCode, true>> = {
  TASK_FAILED: true,
  TASK_TIMEOUT: true,
  TASK_EXPIRED: true,
  TASK_EXITED: true,
  TASK_KILLED: true,
  TASK_OUT_OF_MEMORY: true,
  TASK_UNREADABLE: true,
  WORKER_DIED: true,
};

function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === "string" && Object.hasOwn(FAILURE_CODES, code);
}
