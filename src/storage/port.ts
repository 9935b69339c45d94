import type { TaskState } from "../core/transitions.ts";
import type { Operation } from "./operations.ts";
import type { OperationOutcome } from "./outcomes.ts";
import type {
  AttemptKey,
  DeadLetter,
  DeadLetterQuery,
  Registry,
  StoredTask,
  TopicCounts,
  WorkerRow,
} from "./records.ts";

export type { EnqueueOptions } from "../core/options/settings.ts";
export type * from "./operations.ts";
export type * from "./outcomes.ts";
export type * from "./records.ts";

/**
 * What the Engine asks of a storage. Small on purpose: a batched `turn` for everything that changes something, and a
 * handful of reads. Each storage passes the same conformance suite.
 */
export interface Storage extends AsyncDisposable {
  /** Whether other processes, or other instances of this one, may change it as well. */
  readonly isShared: boolean;
  /**
   * Applies operations, in their order, as one durable transaction. Resolves once it has committed, with the outcome of
   * each operation and every change of a task's state. An operation that cannot be stored fails alone. Rejects with
   * {@link StorageBusy} where nothing was applied: the same turn may be tried again a little later. After any other
   * error, a `Stage3Error`, nobody knows whether the turn was applied.
   */
  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<TurnAnswer<Operations>>;

  get(id: string): Promise<StoredTask | undefined>;
  state(id: string): Promise<TaskState | undefined>;
  /** The states of all these tasks, as of one moment; without those that there are not (any more). */
  states(ids: readonly string[]): Promise<ReadonlyMap<string, TaskState>>;
  /** Newest first, by the moment they entered the dead-letter queue; cheap, however large the tasks are. */
  deadLetters(query: DeadLetterQuery): Promise<DeadLetter[]>;
  /** The running attempts of `worker` whose abort was asked for, from whichever process. */
  abortRequests(worker: string): Promise<AttemptKey[]>;
  /** When the next task that waits is due, or the next that has not started expires, in milliseconds since 1970. */
  nextDueAt(): Promise<number | undefined>;
  workers(): Promise<WorkerRow[]>;
  /** What workers have registered, or undefined where it is still that of `knownVersion`. */
  registry(knownVersion: number | undefined): Promise<Registry | undefined>;
  /** Of every topic that is registered or has tasks, from counters and indexes alone. */
  topicCounts(): Promise<TopicCounts[]>;
  /**
   * Calls `listener` a moment after each change that somebody else has committed since this was called; never for the
   * turns of this storage. Also where it cannot be told whether there was one: whoever looks then finds out why. It
   * costs something only until it is stopped.
   */
  watch(listener: () => void): Watch;
}

export interface Watch {
  stop(): void;
}

/** What a turn has done. */
export interface TurnAnswer<Operations extends readonly Operation[] = readonly Operation[]> {
  readonly outcomes: { [Index in keyof Operations]: OperationOutcome<Operations[Index]> };
  /** Every change of a task's state, in the order in which they were made. */
  readonly changes: readonly TaskChange[];
}

/** One task has gone from one state to another. */
export interface TaskChange {
  readonly task: string;
  readonly topic: string;
  /** Undefined: it is newly stored. */
  readonly from: TaskState | undefined;
  /** Undefined: it is removed. */
  readonly to: TaskState | undefined;
  /** When it is to be promoted or expires, where it only now does; as `nextDueAt`. */
  readonly dueAt?: number | undefined;
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
