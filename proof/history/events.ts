import type { TaskStatus } from "../../src/core/task.ts";
import type { AbortReason } from "../../src/executor/port.ts";
import type { Operation, OperationOutcome } from "../../src/storage/port.ts";

/**
 * One event of a history. A history is the order in which things happened, as one observer could have seen them: the
 * simulator, or a file that processes only append to.
 */
export type HistoryEvent =
  | Invocation
  | Answer
  | Commit
  | AttemptBegan
  | AttemptEffect
  | AttemptOver
  | AttemptReleased
  | WorkerEvent
  | StorageLock
  | FaultsOver
  | FinalState;

/** Somebody has called the broker. */
export interface Invocation {
  readonly kind: "invoked";
  /** Numbers the calls. */
  readonly call: number;
  /** The process in which it was called. */
  readonly worker: string;
  readonly request: ClientRequest;
}

export type ClientRequest =
  | { readonly method: "enqueue"; readonly task: EnqueuedTask }
  | { readonly method: "enqueueMany"; readonly tasks: readonly EnqueuedTask[] }
  | { readonly method: "abort" | "requeue" | "discard" | "status" | "result"; readonly id: string };

export interface EnqueuedTask {
  readonly topic: string;
  readonly function: string;
  readonly priority: number;
  /** What its idempotency key is kept for; none: it has no key. */
  readonly keyed?: KeyedContent;
}

/** The idempotency key of an enqueue. */
export interface KeyedContent {
  readonly key: string;
  /** Everything that the enqueue asks for: the same text for two that ask for the same, and only for these. */
  readonly content: string;
}

/** How a call went: what is `unknown` may have been done, or not. */
export type Answer = { readonly kind: "answered"; readonly call: number } & (
  | { readonly outcome: "ok"; readonly value: unknown }
  | { readonly outcome: "fail"; readonly code: string }
  | { readonly outcome: "unknown"; readonly code: string }
);

/** What a storage has committed, told by a wrapper of its port; the order is that of the commits. */
export interface Commit {
  readonly kind: "committed";
  /** The worker's wall clock, in milliseconds since 1970. */
  readonly at: number;
  /** What no clock of a worker tells: the true time, in milliseconds since the beginning. */
  readonly trueMs: number;
  readonly worker: string;
  readonly operations: readonly PlainOperation[];
  readonly outcomes: readonly OperationOutcome<Operation>[];
}

/** An operation as it is written into a history. */
export type PlainOperation = Operation;

/** A handler was called. `run` is a name that no other call of a handler has in the same history. */
export interface AttemptBegan {
  readonly kind: "began";
  readonly run: string;
  readonly id: string;
  readonly attempt: number;
  readonly topic: string;
  readonly worker: string;
  /** It never ends by itself, so that its worker may end it as overdue at any moment. */
  readonly mayTimeOut?: boolean;
  /** Nobody can kill it: an abort may be answered although it goes on, where its loop was busy for longer than its grace. */
  readonly mayBeAbandoned?: boolean;
}

/** A handler did something that the world can see. */
export interface AttemptEffect {
  readonly kind: "effect";
  readonly run: string;
}

/** A handler returned or threw, or its process is gone: killed, or ended by what another task had left in it. */
export interface AttemptOver {
  readonly kind: "over";
  readonly run: string;
  readonly how: "finished" | "failed" | "killed" | "disturbed";
  readonly result?: string;
  /** Why its signal was aborted before; asked of histories with commits. */
  readonly signalled?: AbortReason;
}

/** It may be over, unseen: its worker was told to end it, and then gives its slot to another. Nobody knows yet. */
export interface AttemptReleased {
  readonly kind: "released";
  readonly run: string;
}

/**
 * Without the commits of the storage nobody knows when a stalled worker is taken for dead: from its stall until it is
 * `woken`, which is then noted only once it has registered anew, what it runs may have been taken over at any moment.
 */
export interface WorkerEvent {
  readonly kind: "worker";
  readonly worker: string;
  readonly event: "started" | "stopping" | "stopped" | "crashed" | "stalled" | "woken";
  /** As of a commit, in histories with commits. */
  readonly trueMs?: number;
}

/** Nobody can write, since one who stands still has begun to; or everybody can again. */
export interface StorageLock {
  readonly kind: "lock";
  readonly isHeld: boolean;
  readonly trueMs: number;
}

/** From here on nothing is broken any more: everything must come to an end. */
export interface FaultsOver {
  readonly kind: "faultsOver";
}

/** What the database says of a task at the end; no status: it does not know it. */
export interface FinalState {
  readonly kind: "final";
  readonly id: string;
  readonly status: TaskStatus | undefined;
  readonly attempt: number;
  readonly result?: string;
  /** How many failures were recorded of it; none: nobody has looked. */
  readonly failures?: number;
}
