import type { IdempotencyKey } from "../core/idempotency.ts";
import type { ParsedTaskOptions } from "../core/options/task-options.ts";
import type { StoredTask, TopicCounts, DeadLetter, DeadLetterQuery } from "../storage/port.ts";

/** How long a call waits for a locked or failing database before it is answered with an error. */
export const PATIENCE_MS = 5_000;

/** What a Broker asks of an Engine, in place or in a thread of its own. Plain values only: they cross threads. */
export interface EngineCalls {
  /**
   * Resolves once the task is stored durably, with its id: that of the request, or of the task that its idempotency key
   * was used for before.
   */
  enqueue(request: EnqueueRequest): Promise<string>;
  /** As {@link enqueue}, for all of them or none; the message of a refusal says which one, as `tasks[3]: …`. */
  enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]>;
  /**
   * True once the task can have no further effect; false: no such task, or already ended. `isSentAgain`: an earlier answer
   * to the same call was lost, which may have aborted the task.
   */
  abort(id: string, isSentAgain?: boolean): Promise<boolean>;
  get(id: string): Promise<TaskRecord | undefined>;
  status(id: string): Promise<TaskRecord["state"] | undefined>;
  /**
   * Resolves with the task once it has ended, wherever it runs; undefined: there is none (any more). Rejects with the
   * signal's reason when that is aborted before.
   */
  waitForEnd(id: string, signal: AbortSignal): Promise<TaskRecord | undefined>;
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  /**
   * The first of these tasks, one at least, as many as are not too much for one answer; undefined for each that there is
   * not (any more).
   */
  getFirst(ids: readonly string[]): Promise<readonly (TaskRecord | undefined)[]>;
  requeue(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  topics(): Promise<TopicCounts[]>;
}

/** An Engine from its start to its end. */
export interface EngineApi extends EngineCalls {
  /** Loads the tasks and begins to claim. Rejects with the cause when a tasks module cannot be imported. */
  start(): Promise<void>;
  /** Stops gracefully; every later call rejects with `STOPPED`. Idempotent. */
  stop(): Promise<void>;
  /** Whether the database answers, what runs tasks can be started, and the Engine is not stopping. */
  isReady(): Promise<boolean>;
}

/** A stored task with what its topic and function decide for it. */
export interface TaskRecord extends StoredTask {
  readonly maxRestarts: number;
}

/** A task to store. What its options leave open, the function, the queue or the default decides. */
export interface EnqueueRequest extends Omit<ParsedTaskOptions, "idempotencyKey"> {
  /** Given by the caller, so that a call whose answer was lost can be sent again. */
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  /** The arguments as text, already checked: JSON, or packed where the task is kept in memory alone. */
  readonly args: string;
  readonly idempotency?: IdempotencyKey;
}
