import type { TaskStatus } from "./task.ts";

/**
 * The states of a stored task. They are finer than its status: `ready` and `waiting` (for a restart or a delay) are
 * both `queued` to the outside.
 */
export type TaskState = "ready" | "waiting" | "running" | "finished" | "in_dead_letter_queue" | "aborted";

/**
 * The one table of transitions: which states an event may happen in, and which it may lead to. The guards of every
 * storage, the drawing in the docs and the property tests follow from it.
 */
export const TRANSITIONS = {
  /** A worker takes the task to run it: the attempt is counted, the epoch raised. */
  claim: { from: ["ready"], to: ["running"] },
  /** Its time has come, or the wait for a restart has ended: the task goes to the end of its line. */
  promote: { from: ["waiting"], to: ["ready"] },
  /** The attempt succeeded. */
  finish: { from: ["running"], to: ["finished"] },
  /** The attempt failed and restarts are left. */
  restart: { from: ["running"], to: ["waiting", "ready"] },
  /** The attempt failed and no restart is left. */
  bury: { from: ["running"], to: ["in_dead_letter_queue"] },
  /** The attempt was cut short without a fault of the task: it is not counted, the task keeps its place. */
  giveBack: { from: ["running"], to: ["ready"] },
  /** The worker that ran the attempt is gone. */
  rescue: { from: ["running"], to: ["ready", "in_dead_letter_queue", "aborted"] },
  /** The task is stopped for good; a running one only after its attempt is gone. */
  abort: { from: ["ready", "waiting", "running"], to: ["aborted"] },
  /** It had not started when it expired: it never will. */
  expire: { from: ["ready", "waiting"], to: ["aborted"] },
  /** By hand: queued again, restarts counted from 0. */
  requeue: { from: ["in_dead_letter_queue"], to: ["ready"] },
  /** By hand: removed from the dead-letter queue. */
  discard: { from: ["in_dead_letter_queue"], to: [] },
  /** The retention has passed: removed. */
  prune: { from: ["finished", "in_dead_letter_queue", "aborted"], to: [] },
} as const;

TRANSITIONS satisfies Record<string, { from: readonly TaskState[]; to: readonly TaskState[] }>;

/** Something that changes a task's state. */
export type TransitionEvent = keyof typeof TRANSITIONS;

const STATUS_OF: Record<TaskState, TaskStatus> = {
  ready: "queued",
  waiting: "queued",
  running: "running",
  finished: "finished",
  in_dead_letter_queue: "in_dead_letter_queue",
  aborted: "aborted",
};

/** The status that the outside sees for a stored state. */
export function statusOf(state: TaskState): TaskStatus {
  return STATUS_OF[state];
}

/** Whether `event` may happen to a task in `state`. */
export function mayHappen(event: TransitionEvent, state: TaskState): boolean {
  return (TRANSITIONS[event].from as readonly TaskState[]).includes(state);
}

/**
 * @param to undefined: the task is removed.
 * @throws Error where the table does not let `event` lead from one state to the other.
 */
export function requireTransition(event: TransitionEvent, from: TaskState, to: TaskState | undefined): void {
  const targets: readonly TaskState[] = TRANSITIONS[event].to;
  const isAllowed = to === undefined ? targets.length === 0 : targets.includes(to);
  if (!mayHappen(event, from) || !isAllowed) {
    throw new Error(`A task that is ${from} cannot become ${to ?? "removed"} by the event "${event}".`);
  }
}

/** Whether a task in `state` has ended: nothing but a requeue by hand starts it again. */
export function hasEnded(state: TaskState): boolean {
  return state === "finished" || state === "in_dead_letter_queue" || state === "aborted";
}
