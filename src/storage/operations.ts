import type { FailureReason } from "../core/failure.ts";
import type { IdempotencyKey } from "../core/idempotency.ts";
import type { EnqueueOptions, FunctionPolicy } from "../core/options/settings.ts";
import type { AttemptKey, TopicRegistration, WorkerRecord } from "./records.ts";

/** Everything that changes something. Operations on one task are applied in their order. */
export type Operation =
  | EnqueueOperation
  | EnqueueManyOperation
  | ClaimOperation
  | SettleOperation
  | DisclaimOperation
  | ProgressOperation
  | AbortOperation
  | RequeueOperation
  | DiscardOperation
  | PromoteOperation
  | RegisterTopicOperation
  | RenewOffersOperation
  | RegisterWorkerOperation
  | HeartbeatOperation
  | RescueOperation
  | RemoveWorkerOperation
  | PruneOperation
  | ProbeOperation
  | PruneKeysOperation;

/**
 * Stores a task at the end of its line, or, where `start` is given and an earlier claim of the same turn, by its worker
 * and for its topic, has left slots free, as already claimed. An id that is stored already is answered as enqueued and
 * changes nothing, so that a call whose answer was lost can be sent again. So does an idempotency key that was used in
 * the last day; it is looked at first, before any place in the line.
 */
export interface EnqueueOperation {
  readonly kind: "enqueue";
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly args: string;
  readonly priority: number;
  readonly options: EnqueueOptions;
  /** When it may start at the earliest; until then it waits outside its line and outside its capacity. Past: at once. */
  readonly runAt?: number;
  /** A task that has not started by then never starts: it is ended as aborted, with the failure `TASK_EXPIRED`. */
  readonly expiresAt?: number;
  /** Refused when that many tasks, never started before, wait with the same topic and priority. */
  readonly maxQueueLen: number;
  readonly start?: { readonly worker: string; readonly maxRestarts: number };
  /** Kept for a day from its first use, whatever becomes of the task. */
  readonly idempotency?: IdempotencyKey;
}

/**
 * Stores several tasks, in their order, each as an {@link EnqueueOperation} by itself would be; but all of them, or none
 * where there is no place for one, or where the idempotency key of one is that of another enqueue. Those whose key is
 * known are left out first, also where it is that of an earlier one of them. Where the first of the rest is stored
 * already, all of it is, and nothing is changed.
 */
export interface EnqueueManyOperation {
  readonly kind: "enqueueMany";
  readonly tasks: readonly NewTask[];
}

export type NewTask = Omit<EnqueueOperation, "kind">;

/**
 * Takes up to `limit` ready tasks of a topic, by priority, then sequence, of functions that the worker knows. Fails with
 * `LEASE_LOST` where the worker has no row, since nobody would rescue what it takes, or is condemned.
 */
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

/**
 * Gives back, as never begun, whatever runs in the worker's name beside the attempts that it knows of: what it was given
 * by a turn whose answer was lost, so that nobody else would ever end it.
 */
export interface DisclaimOperation {
  readonly kind: "disclaim";
  readonly worker: string;
  readonly known: readonly AttemptKey[];
}

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

/**
 * Does what the time asks for: ends up to `limit` queued tasks that have expired, and moves up to `limit` waiting ones that
 * are due to the ends of their lines, in the order they fell due.
 */
export interface PromoteOperation {
  readonly kind: "promote";
  readonly limit: number;
}

/**
 * Registers a topic and adds functions to it, the latest registration of a name wins; the worker, if it has a row, offers
 * them from now on. It also is a {@link RenewOffersOperation} of that topic.
 */
export interface RegisterTopicOperation {
  readonly kind: "registerTopic";
  readonly worker: string;
  readonly registration: TopicRegistration;
  readonly functions: ReadonlyMap<string, FunctionPolicy>;
}

/**
 * Tells that a worker runs and offers what it has registered. A function that none has offered while workers of its
 * topic ran for `KNOWN_FOR_MS` is then forgotten: the registry has it no more.
 */
export interface RenewOffersOperation {
  readonly kind: "renewOffers";
  readonly worker: string;
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
 * for. The first rescue condemns the worker: from then on it neither renews its lease nor claims, and rescues go on
 * whatever its heartbeat. Once none is left, its row is removed. Nothing happens to a worker that is not condemned if
 * its heartbeat is no longer `heartbeat`.
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

/**
 * Removes up to `limit` tasks of an end state and of some topics that ended before `endedBefore`, of each topic the
 * earliest first; fewer where they are large: none after those that come to `maxBytes` or more.
 */
export interface PruneOperation {
  readonly kind: "prune";
  readonly state: "finished" | "aborted" | "in_dead_letter_queue";
  readonly topics: readonly string[];
  readonly endedBefore: number;
  readonly limit: number;
  readonly maxBytes: number;
}

/**
 * Changes nothing, but by a write that needs at least as much room as most turns do: that its turn commits shows that the
 * storage takes changes again.
 */
export interface ProbeOperation {
  readonly kind: "probe";
}

/** Removes up to `limit` idempotency keys whose day is over. */
export interface PruneKeysOperation {
  readonly kind: "pruneKeys";
  readonly limit: number;
}
