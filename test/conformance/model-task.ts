import type { FailureReason } from "../../src/core/failure.ts";
import { type TaskState, type TransitionEvent, TRANSITIONS } from "../../src/core/transitions.ts";
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

/** Adds a failed attempt to what is kept of a task: of many, the first and the last. */
export function fail(task: ModelTask, failure: FailureReason, at: number): void {
  task.failures.push({ ...failure, attempt: task.attempt, at });
  task.failureCount += 1;
  task.failures = [...task.failures.slice(0, 10), ...task.failures.slice(10).slice(-90)];
}

/** One step, as the table of transitions allows it. */
export function move(task: ModelTask, event: TransitionEvent, to: TaskState): void {
  const rule: { from: readonly TaskState[]; to: readonly TaskState[] } = TRANSITIONS[event];
  if (!rule.from.includes(task.state) || !rule.to.includes(to)) {
    throw new Error(`The model makes a step that the table does not know: ${event} from ${task.state} to ${to}.`);
  }
  task.state = to;
  if (to === "ready" || to === "waiting") task.progress = undefined;
}
