import type { ErrorCode } from "./errors.ts";

/** What `broker.status` answers. `queued` includes tasks that wait for a restart. */
export type TaskStatus = "queued" | "running" | "finished" | "in_dead_letter_queue" | "aborted";

declare const RESULT: unique symbol;

/** A task's id, a UUID of version 7. It is a plain string that remembers, for the compiler, what its task results in. */
export type TaskId<Result = unknown> = string & { readonly [RESULT]?: Result };

/** Why an attempt failed. */
export type FailureCode = Extract<
  ErrorCode,
  | "TASK_FAILED"
  | "TASK_TIMEOUT"
  | "TASK_EXITED"
  | "TASK_KILLED"
  | "TASK_OUT_OF_MEMORY"
  | "TASK_EXPIRED"
  | "TASK_UNREADABLE"
  | "WORKER_DIED"
>;

/** One failed attempt, as it is kept with its task. */
export interface Failure {
  /** The attempt that failed, counted from 1 since the task was enqueued or last requeued by hand; 0: it expired before. */
  readonly attempt: number;
  readonly at: Date;
  readonly code: FailureCode;
  /** At most 8 KiB. */
  readonly message: string;
  /** At most 8 KiB. */
  readonly stack?: string;
}

/** One enqueued unit of work. `Result` is what its handler returned, as JSON carries it. */
export interface Task<Result = unknown> {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly args: readonly unknown[];
  /** 1 (the most urgent) to 10. */
  readonly priority: number;
  readonly status: TaskStatus;
  /** How often the task was started since it was enqueued or last requeued by hand; 0 before the first attempt. */
  readonly attempt: number;
  /** How many restarts may follow the first attempt. */
  readonly maxRestarts: number;
  readonly enqueuedAt: Date;
  /** When it may start at the earliest, where its enqueue said so. */
  readonly runAt?: Date;
  /** When the latest attempt started. */
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly result?: Result;
  readonly progress?: number;
  /** Its failed attempts, the earliest first; of more than 100 the first 10 and the last 90. */
  readonly failures: readonly Failure[];
  /** How many attempts have failed, including those whose failure is no longer kept. */
  readonly failureCount: number;
}
