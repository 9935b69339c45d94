import type { FailureReason } from "../core/failure.ts";
import type { EnqueueOptions, FunctionPolicy } from "../core/policy.ts";
import type { TaskState } from "../core/transitions.ts";

export type { EnqueueOptions };

/**
 * What the Engine asks of a storage. Small on purpose: a batched `turn` for everything that changes something, and a
 * handful of reads. Each storage passes the same conformance suite.
 */
export interface Storage extends AsyncDisposable {
  /** How many turns may be under way at once. */
  readonly turnsInFlight: number;
  /**
   * Applies operations, in their order, as one durable transaction. Resolves once it has committed, with one outcome
   * an operation: one that cannot be stored fails alone. Rejects when nothing was applied: with {@link StorageBusy}
   * where the same turn may be tried again a little later, else with a `Stage3Error`.
   */
  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<{ [Index in keyof Operations]: OperationOutcome<Operations[Index]> }>;

  get(id: string): Promise<StoredTask | undefined>;
  state(id: string): Promise<TaskState | undefined>;
  /** Newest first, by the moment they entered the dead-letter queue. */
  deadLetters(query: DeadLetterQuery): Promise<StoredTask[]>;
  /** The running attempts of `worker` whose abort was asked for, from whichever process. */
  abortRequests(worker: string): Promise<AttemptKey[]>;
  /** When the next waiting task is due, in milliseconds since 1970. */
  nextDueAt(): Promise<number | undefined>;
  workers(): Promise<WorkerRecord[]>;
  /** What workers have registered, or undefined where it is still that of `knownVersion`. */
  registry(knownVersion: number | undefined): Promise<Registry | undefined>;
  /** Per registered topic, from counters. */
  topicCounts(): Promise<TopicCounts[]>;
  /** Whether another connection has changed the database since this was last asked. Cheap: made to be polled. */
  changedElsewhere(): Promise<boolean>;
}

/** The moment a turn happens at. */
export interface TurnTime {
  /** Milliseconds since 1970; every timestamp and due time of the turn is measured from it. */
  readonly now: number;
}

/** The storage was locked by somebody else; nothing was applied. */
export class StorageBusy extends Error {
  override readonly name = "StorageBusy";
}

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
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly result: string | undefined;
  readonly progress: string | undefined;
  readonly failures: readonly StoredFailure[];
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
}

export interface DeadLetterQuery {
  readonly topic?: string;
  readonly limit: number;
  /** The last id of the page before; an id that is not in the dead-letter queue gives an empty page. */
  readonly after?: string;
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
}

/** Everything that changes something. Operations on one task are applied in their order. */
export type Operation =
  | EnqueueOperation
  | ClaimOperation
  | SettleOperation
  | ProgressOperation
  | AbortOperation
  | RequeueOperation
  | DiscardOperation
  | PromoteOperation
  | RegisterTopicOperation
  | RegisterWorkerOperation
  | HeartbeatOperation
  | RescueOperation
  | RemoveWorkerOperation
  | PruneOperation;

/**
 * Stores a task at the end of its line, or, where `start` is given and an earlier claim of the same turn for its topic
 * has left slots free, as already claimed. An id that is stored already is answered as enqueued and changes nothing,
 * so that a call whose answer was lost can be sent again.
 */
export interface EnqueueOperation {
  readonly kind: "enqueue";
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly args: string;
  readonly priority: number;
  readonly options: EnqueueOptions;
  /** Refused when that many tasks, never started before, wait with the same topic and priority. */
  readonly maxQueueLen: number;
  readonly start?: { readonly worker: string; readonly maxRestarts: number };
}

/** Takes up to `limit` ready tasks of a topic, by priority, then sequence, of functions that the worker knows. */
export interface ClaimOperation {
  readonly kind: "claim";
  readonly topic: string;
  readonly worker: string;
  readonly limit: number;
  /** The functions that the worker knows, with the restarts of tasks that name none. */
  readonly functions: ReadonlyMap<string, { readonly maxRestarts: number }>;
}

/** Records how an attempt ended. A task whose abort was asked for becomes `aborted`, whatever the outcome. */
export interface SettleOperation extends AttemptKey {
  readonly kind: "settle";
  readonly outcome: Settlement;
}

export type Settlement =
  | { readonly kind: "finish"; readonly result?: string }
  /** Ready after `delayMs`, with a new sequence number; 0: at once. */
  | { readonly kind: "restart"; readonly failure: FailureReason; readonly delayMs: number }
  | { readonly kind: "bury"; readonly failure: FailureReason }
  | { readonly kind: "abort" }
  /** Ready again in its old place, the attempt not counted. */
  | { readonly kind: "giveBack" };

export interface ProgressOperation extends AttemptKey {
  readonly kind: "progress";
  readonly progress: string;
}

/** Ends a queued task at once; of a running one, records durably that its abort was asked for. */
export interface AbortOperation {
  readonly kind: "abort";
  readonly id: string;
}

/** Queued again with a new sequence number, attempts counted from 0, failures kept; not counted for capacity. */
export interface RequeueOperation {
  readonly kind: "requeue";
  readonly id: string;
}

export interface DiscardOperation {
  readonly kind: "discard";
  readonly id: string;
}

/** Moves up to `limit` waiting tasks that are due to the ends of their lines, in the order they fell due. */
export interface PromoteOperation {
  readonly kind: "promote";
  readonly limit: number;
}

/** Registers a topic and adds functions to it; the latest registration of a name wins. */
export interface RegisterTopicOperation {
  readonly kind: "registerTopic";
  readonly registration: TopicRegistration;
  readonly functions: ReadonlyMap<string, FunctionPolicy>;
}

export interface RegisterWorkerOperation {
  readonly kind: "registerWorker";
  readonly worker: WorkerRecord;
}

export interface HeartbeatOperation {
  readonly kind: "heartbeat";
  readonly worker: string;
}

/**
 * Takes over up to `limit` running tasks of a worker that is gone: each is a failed attempt (`WORKER_DIED`), at once
 * ready at the end of its line, or in the dead-letter queue where no restart is left, or aborted where that was asked
 * for. Once none is left, the worker's row is removed. Nothing happens if its heartbeat is no longer `heartbeat`.
 */
export interface RescueOperation {
  readonly kind: "rescue";
  readonly worker: string;
  readonly heartbeat: number;
  readonly failure: FailureReason;
  readonly limit: number;
}

/** Removes the row of a worker that stops and runs nothing any more. */
export interface RemoveWorkerOperation {
  readonly kind: "removeWorker";
  readonly worker: string;
}

/** Removes up to `limit` tasks of an end state that ended before `endedBefore`. */
export interface PruneOperation {
  readonly kind: "prune";
  readonly state: "finished" | "aborted" | "in_dead_letter_queue";
  readonly endedBefore: number;
  readonly limit: number;
}

/** How one operation of a turn went. */
export type OperationOutcome<Op extends Operation> =
  | { readonly ok: true; readonly value: OperationResults[Op["kind"]] }
  | { readonly ok: false; readonly error: Error };

export interface OperationResults {
  enqueue: EnqueueResult;
  /** In the order they are to be started. */
  claim: ClaimedTask[];
  /** `stale`: the attempt is no longer the task's current one; nothing was changed. */
  settle: { readonly kind: "settled"; readonly state: TaskState } | { readonly kind: "stale" };
  /** Whether it was recorded. */
  progress: boolean;
  abort: AbortResult;
  /** Whether the task was in the dead-letter queue; then also its topic. */
  requeue: { readonly topic: string } | undefined;
  discard: boolean;
  /** The topics that got ready tasks, and whether more are due. */
  promote: { readonly topics: readonly string[]; readonly more: boolean };
  registerTopic: undefined;
  registerWorker: undefined;
  /** False: the row is gone, another worker has rescued this one. */
  heartbeat: boolean;
  /** `done`: nothing of the worker is left. */
  rescue: { readonly rescued: number; readonly done: boolean };
  removeWorker: undefined;
  prune: { readonly removed: number; readonly more: boolean };
}

export type EnqueueResult =
  | { readonly kind: "stored" }
  | { readonly kind: "claimed"; readonly task: ClaimedTask }
  | { readonly kind: "full" };

export type AbortResult =
  | { readonly kind: "aborted" }
  | { readonly kind: "requested"; readonly worker: string; readonly epoch: number }
  | { readonly kind: "ended"; readonly state: TaskState }
  | { readonly kind: "notFound" };
