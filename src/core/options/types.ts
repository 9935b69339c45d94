import type { OptionAt } from "./declarations.ts";

/** The options of `Stage3Queue.open`. A duration is in milliseconds, or a string such as "250ms", "30s", "5m" or "7d". */
export interface Stage3QueueOptions {
  /**
   * Where tasks are kept: `sqlite:FILE` (relative to the working directory, in a configuration file to that file;
   * folders are made), or `memory:`, which is lost with the process. Default: `sqlite:data/stage3.db`.
   */
  readonly database?: string | undefined;
  /**
   * The handlers of every queue that names none of its own: the `URL` of a module, as
   * `new URL("./tasks.ts", import.meta.url)`, or functions, which run inside the application. Default: none.
   */
  readonly tasks?: TasksOption | undefined;
  /** The queues' settings by topic. A topic is a string of up to 200 characters. Default: `{ default: {} }`. */
  readonly queues?: Readonly<Record<string, QueueOptions>> | undefined;
  /**
   * What an acknowledged task survives: a power cut, or only the death of its process, which is faster.
   * Default: "power-loss".
   */
  readonly durability?: Durability | undefined;
  /** After how long without a heartbeat a worker counts as dead, a duration from 100 ms. Default: 30 s. */
  readonly lease?: number | string | undefined;
  /** For how long ended tasks are kept. A worker removes only those of its own `queues`. */
  readonly retention?: RetentionOptions | undefined;
  /**
   * The largest arguments of a task as JSON, and the largest result or progress value: bytes, or a string such as "64kb"
   * or "1mb". Default: 1 MB.
   */
  readonly maxPayload?: number | string | undefined;
}

/** What an acknowledged task survives. */
export type Durability = "power-loss" | "process-crash";

/**
 * For how long ended tasks are kept: a duration, or "forever". After it a task is removed, its status undefined. Of
 * tasks in memory an hour where nothing is given, and at most 10,000 of each kind.
 */
export interface RetentionOptions {
  /** In memory an hour. Default: 7 days. */
  readonly finished?: number | string | undefined;
  /** In memory an hour. Default: 7 days. */
  readonly aborted?: number | string | undefined;
  /** Tasks in the dead-letter queue; in memory an hour. Default: for ever. */
  readonly dlq?: number | string | undefined;
}

/** The URL of a module whose default export is `defineTasks({ … })`, or such functions themselves. */
export type TasksOption = URL | TaskFunctions;

/** Handlers by function name; with a policy where they were made by `task(policy, handler)`. */
export type TaskFunctions = Readonly<
  Record<string, AnyHandler | { readonly policy: object; readonly handler: AnyHandler }>
>;

type AnyHandler = (...args: never) => unknown;

/** The settings of one queue. A duration is in milliseconds, or a string such as "250ms", "30s" or "5m". */
export interface QueueOptions {
  /** The priority of tasks that name none: a whole number from 1 (the most urgent) to 10. Default: 10. */
  readonly priority?: number | undefined;
  /** How many tasks of this topic run at once in this process: a whole number from 1. Default: 10. */
  readonly maxConcurrency?: number | undefined;
  /**
   * How many tasks may wait for each priority; one more is refused with `QUEUE_FULL`. A whole number from 0, or
   * `Infinity`. Default: 200.
   */
  readonly maxQueueLen?: number | undefined;
  /** Restarts after the first attempt, before a task goes to the dead-letter queue: from 0 to 1,000,000. Default: 5. */
  readonly maxRestarts?: number | undefined;
  /**
   * The longest wait before a restart, a duration. Restart n waits min(2^n s + 0..100 ms, maxBackoff); with 0 there is
   * no wait. Default: 10 s.
   */
  readonly maxBackoff?: number | string | undefined;
  /**
   * Whether its tasks are stored in the database. With `false` they are kept in this process's memory alone: lost when
   * it ends, unseen by other processes, taken only once the instance is started. Their arguments may then be whatever
   * `v8.serialize` carries, for instance dates, maps and typed arrays. Default: true.
   */
  readonly persistent?: boolean | undefined;
  /** Where handlers run. Default: "process" for a module, "inline" for functions, which cannot run elsewhere. */
  readonly isolation?: Isolation | undefined;
  /** The handlers of this topic. Default: the instance's `tasks`. */
  readonly tasks?: TasksOption | undefined;
  /** How long one attempt may run, a duration of more than 0. Default: no limit. */
  readonly timeout?: number | string | undefined;
  /**
   * How long a task is worth starting, a duration of more than 0, counted from its enqueue, or from its `delay` or
   * `runAt`. A task that has not started by then never starts. Default: no limit.
   */
  readonly expires?: number | string | undefined;
  /** How long an aborted attempt may take to obey its signal before it is killed, a duration. Default: 1 s. */
  readonly abortGrace?: number | string | undefined;
  /** How long running tasks may go on when the instance stops, a duration. Default: 1 s. */
  readonly shutdownGrace?: number | string | undefined;
  /**
   * How much memory an attempt may take, from 96 MB: bytes, or a string such as "512mb" or "2gb". In a process its whole
   * resident size counts, in a thread only its heap, without Buffers; over it the attempt fails with
   * `TASK_OUT_OF_MEMORY`. Not for "inline". Default: no limit.
   */
  readonly maxMemory?: number | string | undefined;
}

/** Where a handler runs. */
export type Isolation = "inline" | "thread" | "process";

/** What one enqueue may decide for its task; it wins over the function's policy and the queue's settings. */
export interface TaskOptions {
  /** 1 (the most urgent) to 10. */
  readonly priority?: number;
  /** How long one attempt may run: milliseconds, or a string such as "30s" or "5m". */
  readonly timeout?: number | string;
  /** How long an aborted attempt may take to obey its signal before it is killed. */
  readonly abortGrace?: number | string;
  /** Restarts after the first attempt, before the task goes to the dead-letter queue: from 0 to 1,000,000. */
  readonly maxRestarts?: number;
  /** The longest wait before a restart; 0: no wait. */
  readonly maxBackoff?: number | string;
  /**
   * How long the task is worth starting, a duration of more than 0: from its enqueue, or from `delay` or `runAt`. A task
   * that has not started by then never starts; it ends as aborted, with the failure `TASK_EXPIRED`.
   */
  readonly expires?: number | string;
  /** How long the task waits before it may start; until then it does not count as waiting in its queue. */
  readonly delay?: number | string;
  /**
   * When the task may start, instead of `delay`: a `Date`, or an RFC 3339 string with an offset, such as
   * "2027-01-31T08:00:00Z". A time in the past means now.
   */
  readonly runAt?: Date | string;
  /**
   * Makes the enqueue safe to repeat when its answer was lost: 1 to 255 visible ASCII characters. For 24 hours the same
   * key with the same content gives the id of the first call, whatever has become of that task; with other content it
   * is refused with `IDEMPOTENCY_CONFLICT`.
   */
  readonly idempotencyKey?: string;
}

/** What a function decides for all of its tasks. An option given at enqueue wins; else this one over the queue's. */
export interface TaskPolicy extends Pick<TaskOptions, OptionAt<"function"> & OptionAt<"enqueue">> {
  /** Where the handler runs. */
  readonly isolation?: Isolation;
  /**
   * How much memory an attempt may take, from 96 MB: bytes, or a string such as "512mb". In a process its whole resident
   * size counts, in a thread only its heap, without Buffers. Not for "inline".
   */
  readonly maxMemory?: number | string;
}

/** What a configuration file of the command exports: the options of `Stage3Queue.open`, and those of its server. */
export interface StandaloneConfig extends Stage3QueueOptions {
  /** The command's HTTP server. */
  readonly http?: HttpOptions | undefined;
}

/** The command's HTTP server. */
export interface HttpOptions {
  /** The address to listen on; another than the machine's own (loopback) only with a token. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** The port to listen on; 0: any free one. Default: 4000. */
  readonly port?: number | undefined;
  /** The secret that callers send as `Authorization: Bearer …`. Default: none is asked for. */
  readonly token?: string | undefined;
}
