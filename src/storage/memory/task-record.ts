import type { TaskState } from "../../core/transitions.ts";
import type { ClaimedTask, EnqueueOptions, StoredFailure, StoredTask } from "../port.ts";

/** A task as it lives in memory: what is fixed at enqueue, and what changes. */
export interface TaskRecord extends TaskChanges {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  /** Emptied once the task is removed. */
  args: string;
  readonly priority: number;
  readonly options: EnqueueOptions;
  readonly enqueuedAt: number;
  readonly failures: StoredFailure[];
  /** How many there were, those that are no longer kept included. */
  failureCount: number;
  /** How much memory it was counted with when it came into its state. */
  bytes: number;
  state: TaskState;
}

/** What may change together with a task's state. */
export interface TaskChanges {
  /** Its place in its line; of a task in the dead-letter queue, its place there. */
  sequence: number;
  /** When it joined its line. */
  queuedAt: number;
  attempt: number;
  epoch: number;
  /** Requeued by hand: it does not count for capacity. */
  requeued: boolean;
  abortRequested: boolean;
  dueAt: number;
  worker: string;
  resolvedMaxRestarts: number | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  result: string | undefined;
  progress: string | undefined;
}

/** Whether a ready task counts for the capacity of its line: it has never been started. */
export function countsForCapacity(task: TaskRecord): boolean {
  return task.state === "ready" && task.attempt === 0 && !task.requeued;
}

export function toStoredTask(task: TaskRecord): StoredTask {
  return {
    id: task.id,
    topic: task.topic,
    function: task.function,
    args: task.args,
    priority: task.priority,
    state: task.state,
    attempt: task.attempt,
    epoch: task.epoch,
    options: task.options,
    resolvedMaxRestarts: task.resolvedMaxRestarts,
    enqueuedAt: task.enqueuedAt,
    startedAt: task.startedAt,
    endedAt: task.endedAt,
    result: task.result,
    progress: task.progress,
    failures: [...task.failures],
    failureCount: task.failureCount,
  };
}

export function toClaimedTask(task: TaskRecord, maxRestarts: number): ClaimedTask {
  return {
    id: task.id,
    epoch: task.epoch,
    topic: task.topic,
    function: task.function,
    args: task.args,
    priority: task.priority,
    attempt: task.attempt,
    maxRestarts,
    options: task.options,
  };
}
