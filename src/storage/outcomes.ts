import type { TaskState } from "../core/transitions.ts";
import type { Operation } from "./operations.ts";
import type { ClaimedTask } from "./records.ts";

/** How one operation of a turn went. */
export type OperationOutcome<Op extends Operation> =
  | { readonly ok: true; readonly value: OperationResults[Op["kind"]] }
  | { readonly ok: false; readonly error: Error };

export interface OperationResults {
  enqueue: EnqueueResult;
  enqueueMany: EnqueueManyResult;
  /** In the order they are to be started. */
  claim: ClaimedTask[];
  /** `stale`: the attempt is no longer the task's current one; nothing was changed. */
  settle: { readonly kind: "settled"; readonly state: TaskState } | { readonly kind: "stale" };
  /** The topics of what was given back. */
  disclaim: readonly string[];
  /** Whether it was recorded. */
  progress: boolean;
  abort: AbortResult;
  /** Whether the task was in the dead-letter queue; then also its topic. */
  requeue: { readonly topic: string } | undefined;
  discard: boolean;
  /** The topics that got ready tasks, and whether more are due. */
  promote: { readonly topics: readonly string[]; readonly more: boolean };
  registerTopic: undefined;
  renewOffers: undefined;
  registerWorker: undefined;
  /** False: the row is gone or condemned, another worker rescues this one. */
  heartbeat: boolean;
  /** `done`: nothing of the worker is left. */
  rescue: { readonly rescued: number; readonly done: boolean };
  removeWorker: undefined;
  prune: { readonly removed: number; readonly more: boolean };
  probe: undefined;
  pruneKeys: { readonly removed: number; readonly more: boolean };
}

export type EnqueueResult =
  | { readonly kind: "stored" }
  | { readonly kind: "claimed"; readonly task: ClaimedTask }
  /** `memory`: not the queue's length was the limit, but the memory of a storage that keeps tasks there. */
  | { readonly kind: "full"; readonly memory?: MemoryShortage }
  /** Its idempotency key was used for the same before: `id` is the task of then. */
  | { readonly kind: "repeated"; readonly id: string }
  /** Its idempotency key was used for something else before. */
  | { readonly kind: "conflict" };

export type EnqueueManyResult =
  /** Some may have been stored as already claimed. */
  | {
      readonly kind: "stored";
      readonly claimed: readonly ClaimedTask[];
      /** Those that were not stored because their idempotency keys were known. */
      readonly repeated: readonly RepeatedTask[];
    }
  /** There was no place for the task at that index; `memory` as for one task. */
  | { readonly kind: "full"; readonly index: number; readonly memory?: MemoryShortage }
  /** The idempotency key of the task at that index was used for something else before. */
  | { readonly kind: "conflict"; readonly index: number };

/** What a storage in memory holds, and may hold, of tasks that have not ended. */
export interface MemoryShortage {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** One of several new tasks that is not stored, because its idempotency key was used for the same before. */
export interface RepeatedTask {
  readonly index: number;
  /** The task of then. */
  readonly id: string;
}

export type AbortResult =
  | { readonly kind: "aborted" }
  | { readonly kind: "requested"; readonly worker: string; readonly epoch: number }
  | { readonly kind: "ended"; readonly state: TaskState }
  | { readonly kind: "notFound" };
