/** Where a handler runs. */
export type Isolation = "inline" | "thread" | "process";

/** What one enqueue may decide for its task; it wins over the function's policy and the queue's settings. */
export interface TaskOptions {
  /** 1 (the most urgent) to 10. */
  readonly priority?: number;
  /** How long one attempt may run: milliseconds, or a text such as "30s" or "5m". */
  readonly timeout?: number | string;
  /** How long an aborted attempt may take to obey its signal before it is killed. */
  readonly abortGrace?: number | string;
  /** Restarts after the first attempt, before the task goes to the dead-letter queue: from 0 to 1,000,000. */
  readonly maxRestarts?: number;
  /** The longest wait before a restart; 0: no wait. */
  readonly maxBackoff?: number | string;
  /**
   * Makes the enqueue safe to repeat when its answer was lost: 1 to 255 visible ASCII characters. For 24 hours the same
   * key with the same content gives the id of the first call, whatever has become of that task; with other content it
   * is refused with `IDEMPOTENCY_CONFLICT`.
   */
  readonly idempotencyKey?: string;
}

/** What one enqueue decided, as it is stored with its task; the worker that claims it resolves the rest. */
export interface EnqueueOptions {
  readonly timeoutMs?: number;
  readonly abortGraceMs?: number;
  readonly maxRestarts?: number;
  readonly maxBackoffMs?: number;
}

/** What a function decides for all of its tasks, as plain values in milliseconds and bytes. */
export interface FunctionPolicy {
  readonly priority?: number;
  readonly timeoutMs?: number;
  readonly abortGraceMs?: number;
  readonly maxRestarts?: number;
  readonly maxBackoffMs?: number;
  readonly isolation?: Isolation;
  readonly maxMemoryBytes?: number;
}

/** A function that a tasks module offers. */
export interface FunctionDescription {
  readonly name: string;
  readonly policy: FunctionPolicy;
}

/** Where the handlers of a queue are found: a module to import, or functions that live in the application. */
export type TasksSource = { readonly kind: "module"; readonly url: string } | { readonly kind: "functions" };

/** A queue's settings, complete. Durations in milliseconds; `Infinity` is allowed for `maxQueueLen`. */
export interface QueueSettings {
  readonly topic: string;
  readonly priority: number;
  readonly maxConcurrency: number;
  readonly maxQueueLen: number;
  readonly maxRestarts: number;
  readonly maxBackoffMs: number;
  readonly isolation: Isolation;
  readonly timeoutMs: number | undefined;
  readonly abortGraceMs: number;
  readonly shutdownGraceMs: number;
  /** How large a process, or the heap of a thread, may become. */
  readonly maxMemoryBytes: number | undefined;
  /** Whether its tasks are stored in the database; else they are kept in this process's memory alone. */
  readonly persistent: boolean;
  /** None: the queue only takes what workers elsewhere have registered. */
  readonly tasks: TasksSource | undefined;
}

/** The topics whose tasks are not stored in the database. */
export function topicsKeptInMemory(queues: ReadonlyMap<string, QueueSettings>): ReadonlySet<string> {
  return new Set([...queues.values()].filter(({ persistent }) => !persistent).map(({ topic }) => topic));
}
