import type { FailureCode } from "../../core/task.ts";
import type { TaskState } from "../../core/transitions.ts";
import type { EnqueueOptions, StoredFailure, StoredTask } from "../port.ts";
import { number, optionalNumber, optionalText, text, type Row } from "./row.ts";

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

export function readTask(row: Row): StoredTask {
  return {
    id: text(row, "id"),
    topic: text(row, "topic"),
    function: text(row, "function"),
    args: text(row, "args"),
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
      throw new Error(`The database holds a task in an unknown state: ${state}.`);
  }
}

/** Each failure is an array: attempt, at, code, message, stack. */
function readFailures(json: string): StoredFailure[] {
  const failures: unknown = JSON.parse(json);
  if (!Array.isArray(failures)) throw new Error("The failures of a task are no array.");
  return failures.map(readFailure);
}

function readFailure(failure: unknown): StoredFailure {
  const columns: readonly unknown[] = Array.isArray(failure) ? failure : [];
  const [attempt, at, code, message, stack] = columns;
  if (typeof attempt !== "number" || typeof at !== "number" || !isFailureCode(code) || typeof message !== "string") {
    throw new Error("A failure of a task is damaged.");
  }
  return { attempt, at, code, message, ...(typeof stack === "string" && { stack }) };
}

const FAILURE_CODES: Readonly<Record<FailureCode, true>> = {
  TASK_FAILED: true,
  TASK_TIMEOUT: true,
  TASK_EXITED: true,
  TASK_KILLED: true,
  TASK_OUT_OF_MEMORY: true,
  WORKER_DIED: true,
};

function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === "string" && Object.hasOwn(FAILURE_CODES, code);
}
