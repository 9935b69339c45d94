/**
 * Every error that Stage3Queue reports, in one table: its HTTP status, the sentence that the REST API answers with
 * where that differs from the error's own message, and what it means. Types, HTTP answers and docs follow from it.
 */
export const ERROR_TABLE = {
  TOPIC_NOT_FOUND: {
    status: 400,
    answer: "Topic is not found",
    meaning: "The topic is neither in this process's `queues` nor registered in the database by a worker.",
  },
  FUNCTION_NOT_FOUND: {
    status: 400,
    answer: "Function is not found",
    meaning: "No handler of that name is in this process's tasks for the topic, nor registered for it by a worker.",
  },
  INVALID_ARGS: {
    status: 400,
    answer: undefined,
    meaning:
      "An argument is a value that JSON would change or is nested too deeply, or the arguments together are too large.",
  },
  INVALID_PRIORITY: {
    status: 400,
    answer: undefined,
    meaning: "A priority is a whole number from 1 (the most urgent) to 10.",
  },
  INVALID_OPTION: {
    status: 400,
    answer: undefined,
    meaning: "An option is unknown, at the wrong level, or its value is not allowed.",
  },
  QUEUE_FULL: {
    status: 429,
    answer: undefined,
    meaning: "As many tasks of this priority wait in the queue as `maxQueueLen` allows, or as memory holds.",
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    answer: undefined,
    meaning: "The idempotency key was used in the last 24 hours, for a task with other content.",
  },
  TASK_NOT_FOUND: {
    status: 404,
    answer: "Task is not found",
    meaning: "The result of a task was requested that does not exist, or whose retention has passed.",
  },
  TASK_ABORTED: {
    status: 409,
    answer: undefined,
    meaning: "The result of a task was requested that was aborted.",
  },
  RESULT_TIMEOUT: {
    status: 500,
    answer: undefined,
    meaning: "The task whose result was requested had not ended within the wait's `timeout`. The task goes on.",
  },
  STOPPED: {
    status: 503,
    answer: undefined,
    meaning: "The instance is stopping or stopped and takes no more calls.",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    answer: undefined,
    meaning: "The database did not answer in time, or cannot be opened.",
  },
  DATABASE_FULL: {
    status: 503,
    answer: undefined,
    meaning: "There is no room left for the database; nothing was stored.",
  },
  DATABASE_CORRUPT: {
    status: 503,
    answer: undefined,
    meaning: "The database file is damaged, or is not a database of Stage3Queue.",
  },
  LEASE_LOST: {
    status: 503,
    answer: undefined,
    meaning: "Another worker took this one for dead and rescued its tasks.",
  },
  PACKAGE_INCOMPLETE: {
    status: 500,
    answer: undefined,
    meaning: "Files of the package are not where they belong, as when it was bundled into the application.",
  },
  TASKS_NOT_LOADED: {
    status: 500,
    answer: "The tasks of this queue cannot be loaded",
    meaning: "An instance that was not started could not import its tasks to look a function's name up.",
  },
  NOT_IN_TASK: {
    status: 500,
    answer: undefined,
    meaning: "`currentTask()` was called outside a running task.",
  },
  TASK_FAILED: { status: 500, answer: undefined, meaning: "The handler threw, or its promise rejected." },
  TASK_TIMEOUT: { status: 500, answer: undefined, meaning: "The attempt ran longer than its `timeout`." },
  TASK_EXITED: { status: 500, answer: undefined, meaning: "The handler ended its own process or thread." },
  TASK_KILLED: { status: 500, answer: undefined, meaning: "The handler's process was killed by a signal." },
  TASK_OUT_OF_MEMORY: {
    status: 500,
    answer: undefined,
    meaning: "The handler's process or thread ran out of memory, or took more than `maxMemory`.",
  },
  TASK_EXPIRED: {
    status: 500,
    answer: undefined,
    meaning: "The task had not started when it expired. It was ended as aborted.",
  },
  TASK_UNREADABLE: {
    status: 500,
    answer: undefined,
    meaning: "What the database holds of the task cannot be read. It is not run, nor restarted.",
  },
  WORKER_DIED: { status: 500, answer: undefined, meaning: "The worker that ran the attempt is gone." },
} as const;

/** The stable code of a {@link Stage3Error}. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/**
 * The one error class of this library. `code` is stable and made to be compared; `message` says what to do.
 *
 * @example
 * try {
 *   await broker.enqueue("emails", "send emails", ["admin@example.com", []]);
 * } catch (error) {
 *   if (error instanceof Stage3Error && error.code === "QUEUE_FULL") await later();
 *   else throw error;
 * }
 */
export class Stage3Error extends Error {
  override readonly name: string = "Stage3Error";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What is wrong with one of several that were given at once: the same error, its message starting with the place. */
export function errorAt(place: string, error: unknown): unknown {
  if (!(error instanceof Stage3Error)) return error;
  // A cause that is undefined would be one all the same, and be printed.
  return new Stage3Error(error.code, `${place}: ${error.message}`, "cause" in error ? { cause: error.cause } : {});
}

/** Ends a `switch` over a union: it does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected case: ${JSON.stringify(value)}`);
}
