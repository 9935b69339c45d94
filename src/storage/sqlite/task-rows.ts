import type { FailureCode } from "../../core/task.ts";
import type { TaskState } from "../../core/transitions.ts";
import type { EnqueueOptions, StoredFailure, StoredTask } from "../port.ts";
import { number, optionalNumber, optionalText, text, type Row, UnreadableRow } from "./row.ts";

const NO_ARGS = "[]";

/** The options that the enqueue named; the others are absent. */
export function readOptions(row: Row): EnqueueOptions {
  const timeoutMs = optionalNumber(row, "timeout_ms");
  const abortGraceMs = optionalNumber(row, "abort_grace_ms");
  const maxRestarts = optionalNumber(row, "max_restarts");
  const maxBackoffMs = optionalNumber(row, "max_backoff_ms");
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(abortGraceMs !== undefined && { abortGraceMs }),
    ...(maxRestarts !== undefined && { maxRestarts }),
    ...(maxBackoffMs !== undefined && { maxBackoffMs }),
  };
}

/** What a handler is called with. */
export interface Work {
  readonly args: string;
  readonly options: EnqueueOptions;
  /** Why the row does not tell that; the rest is then made up. */
  readonly unreadable?: string;
}

export function readWork(row: Row): Work {
  const options = readOptions(row);
  if (row["is_counted"] === 0) {
    return { args: NO_ARGS, options, unreadable: "The number of its attempt is beyond what can be counted." };
  }
  if (row["args"] === null) return { args: NO_ARGS, options, unreadable: "Its arguments are not in the database." };
  return { args: text(row, "args"), options };
}

/** What can be shown of a task; damage to one of a page is not to hide the others. */
export function readTask(row: Row): StoredTask {
  return {
    id: text(row, "id"),
    topic: text(row, "topic"),
    function: text(row, "function"),
    args: optionalText(row, "args") ?? NO_ARGS,
    priority: number(row, "priority"),
    state: readState(row),
    attempt: number(row, "attempt"),
    epoch: number(row, "epoch"),
    options: readOptions(row),
    resolvedMaxRestarts: optionalNumber(row, "resolved_max_restarts"),
    enqueuedAt: number(row, "enqueued_at"),
    startedAt: optionalNumber(row, "started_at"),
    endedAt: optionalNumber(row, "ended_at"),
    result: optionalText(row, "result"),
    progress: optionalText(row, "progress"),
    failures: readFailures(text(row, "failures")),
    failureCount: number(row, "failure_count"),
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
  TASK_EXITED: true,
  TASK_KILLED: true,
  TASK_OUT_OF_MEMORY: true,
  TASK_UNREADABLE: true,
  WORKER_DIED: true,
};

function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === "string" && Object.hasOwn(FAILURE_CODES, code);
}
