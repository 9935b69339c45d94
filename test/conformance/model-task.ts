import type { TaskState } from "../../src/core/transitions.ts";
import type { NewTask, StoredFailure } from "../../src/storage/port.ts";

/** A task as the model sees it; `place` orders the lines and the dead-letter queue. */
export interface ModelTask {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly priority: number;
  readonly namedMaxRestarts: number | undefined;
  readonly runAt: number | undefined;
  readonly expiresAt: number | undefined;
  state: TaskState;
  place: number;
  /** When it joined its line. */
  queuedAt: number;
  attempt: number;
  epoch: number;
  requeued: boolean;
  abortRequested: boolean;
  dueAt: number;
  worker: string;
  maxRestarts: number;
  endedAt: number | undefined;
  progress: string | undefined;
  failures: StoredFailure[];
  failureCount: number;
}

export function newModelTask(operation: NewTask, { place, now }: { place: number; now: number }): ModelTask {
  const { id, topic, function: name, priority, options } = operation;
  return {
    id,
    topic,
    function: name,
    priority,
    namedMaxRestarts: options.maxRestarts,
    runAt: operation.runAt,
    expiresAt: operation.expiresAt,
    state: "ready",
    place,
    queuedAt: now,
    attempt: 0,
    epoch: 0,
    requeued: false,
    abortRequested: false,
    dueAt: 0,
    worker: "",
    maxRestarts: 0,
    endedAt: undefined,
    progress: undefined,
    failures: [],
    failureCount: 0,
  };
}
