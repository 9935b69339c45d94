import type { FailureCode } from "./task.ts";

/** What an instance reports while it works, one member for each event. Nothing else in the library writes or logs. */
export interface Stage3Events {
  /** A task called `currentTask().log(message, fields)`. */
  log: { taskId: string; topic: string; function: string; attempt: number; message: string; fields?: unknown };
  /** Something did not go as the user expects; the message says what to do. */
  warning: { code: WarningCode; message: string; taskId?: string };
  /** The handler of an attempt has begun. A task that waits for a process or thread has not. */
  started: { taskId: string; topic: string; function: string; attempt: number };
  /** A task has finished. */
  finished: { taskId: string; topic: string; function: string; attempt: number };
  /** An attempt has failed; `restart` tells whether another follows, else the task is in the dead-letter queue. */
  failed: {
    taskId: string;
    topic: string;
    function: string;
    attempt: number;
    code: FailureCode;
    message: string;
    restart: boolean;
  };
  /** A task was aborted while it ran. */
  aborted: { taskId: string; topic: string; function: string; attempt: number };
  /** Tasks of a worker that is gone were taken over. */
  rescued: { worker: string; tasks: number };
}

/** The stable code of a warning. */
export type WarningCode =
  | "RESULT_DROPPED"
  | "PROGRESS_DROPPED"
  | "LOG_CUT"
  | "LOG_DROPPED"
  | "ATTEMPT_ABANDONED"
  | "STRAY_REJECTION"
  | "STRAY_EXIT"
  | "WORKER_CANNOT_START"
  | "FUNCTION_MISSING"
  | "NODE_OPTIONS_LEFT_OUT"
  | "LEASE_LOST"
  | "ENGINE_RESTARTED"
  | "TASKS_NOT_LOADED"
  | "TASKS_UNCLAIMABLE"
  | "NO_WORKER"
  | "DATABASE_UNAVAILABLE";

/** The name of an event. */
export type Stage3EventName = keyof Stage3Events;

/** One event as a discriminated union, as it travels between threads. */
export type Stage3Event = {
  [Name in Stage3EventName]: { readonly name: Name } & Readonly<Stage3Events[Name]>;
}[Stage3EventName];

/** Receives each event. */
export type Emit = (event: Stage3Event) => void;

/** The names of the events at run time. */
const NAMES: Readonly<Record<Stage3EventName, true>> = {
  log: true,
  warning: true,
  started: true,
  finished: true,
  failed: true,
  aborted: true,
  rescued: true,
};
export const EVENT_NAMES: readonly string[] = Object.keys(NAMES);
