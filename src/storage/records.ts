import type { FailureReason } from "../core/failure.ts";
import type { EnqueueOptions, FunctionPolicy } from "../core/options/settings.ts";
import type { TaskState } from "../core/transitions.ts";

/** A task as it is stored. Times in milliseconds since 1970; arguments, result and progress as JSON text. */
export interface StoredTask {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly args: string;
  readonly priority: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly epoch: number;
  /** Only what the enqueue named. */
  readonly options: EnqueueOptions;
  /** As resolved by the worker of the latest claim; undefined before the first. */
  readonly resolvedMaxRestarts: number | undefined;
  readonly enqueuedAt: number;
  /** When it may start at the earliest, where its enqueue said so. */
  readonly runAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly result: string | undefined;
  readonly progress: string | undefined;
  /** The first 10 and the last 90, the earliest first. */
  readonly failures: readonly StoredFailure[];
  /** How many there were. */
  readonly failureCount: number;
}

export interface StoredFailure extends FailureReason {
  readonly attempt: number;
  readonly at: number;
}

/** One attempt of one task. Every write of an attempt is guarded by its epoch. */
export interface AttemptKey {
  readonly id: string;
  readonly epoch: number;
}

/** What a worker gets with a task that it has claimed. */
export interface ClaimedTask extends AttemptKey {
  readonly topic: string;
  readonly function: string;
  readonly args: string;
  readonly priority: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly maxRestarts: number;
  readonly options: EnqueueOptions;
  /** What is wrong with what is stored of it: it cannot be run. Arguments and options are then made up. */
  readonly unreadable?: string;
}

/** A task's place in the dead-letter queue. */
export interface DeadLetter {
  readonly id: string;
  readonly endedAt: number;
}

export interface DeadLetterQuery {
  readonly topic?: string;
  readonly limit: number;
  /** The last id of the page before; an id that is not in the dead-letter queue gives an empty page. */
  readonly after?: string;
  /** Only what ended before that time, in milliseconds since 1970. */
  readonly endedBefore?: number;
}

/** One running Engine. */
export interface WorkerRecord {
  readonly id: string;
  /** Raised by each heartbeat; no clock is compared. */
  readonly heartbeat: number;
  readonly leaseMs: number;
  /** Where it runs, so that a worker of the same machine can see at once that it is gone. */
  readonly process: ProcessIdentity;
}

/** A worker's row. */
export interface WorkerRow extends WorkerRecord {
  /** Its rescue has begun: it neither renews its lease nor claims any more, until its row is removed. */
  readonly isCondemned: boolean;
}

/** What tells one process of one boot from any other; a field is empty where the system does not tell. */
export interface ProcessIdentity {
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly pid: number;
  readonly startTime: string;
}

/** What a worker registers for a topic, so that processes without its configuration can enqueue. */
export interface TopicRegistration {
  readonly topic: string;
  readonly priority: number;
  readonly maxConcurrency: number;
  /** `Infinity` allowed. */
  readonly maxQueueLen: number;
  readonly maxRestarts: number;
  /** For how long its tasks may wait before they start, where they say nothing else; undefined: as long as it takes. */
  readonly expiresMs?: number | undefined;
}

export interface Registry {
  readonly version: number;
  readonly topics: ReadonlyMap<string, RegisteredTopic>;
}

export interface RegisteredTopic extends TopicRegistration {
  readonly functions: ReadonlyMap<string, FunctionPolicy>;
}

export interface TopicCounts {
  readonly topic: string;
  readonly counts: Readonly<Record<TaskState, number>>;
  /** When the ready task that has waited longest in its line joined that, in milliseconds since 1970. */
  readonly oldestQueuedAt: number | undefined;
  /** Whether a worker that has a row offers functions of it. */
  readonly isServed: boolean;
  /** What is ready or waiting of functions that no worker offers, by function. */
  readonly unclaimable: readonly UnclaimableTasks[];
}

/** Tasks of one function that nobody can claim just now. */
export interface UnclaimableTasks {
  readonly function: string;
  readonly tasks: number;
}
