import { assertNever } from "../../src/core/errors.ts";
import type { NewTask, Settlement } from "../../src/storage/port.ts";
import type { TaskState } from "../../src/core/transitions.ts";
import type { Restarts } from "./rules.ts";

/** A task as the witness of all commits knows it. */
export interface LedgerTask {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  readonly priority: number;
  state: TaskState;
  /** Its place in its line, and before that in the order of what waits. */
  place: number;
  attempt: number;
  epoch: number;
  worker: string;
  /** Where the rules do not tell, it is believed of the first claim. */
  maxRestarts: number | undefined;
  abortRequested: boolean;
  dueAt: number;
  endedAt: number;
  result: string | undefined;
  /** Claims since it was enqueued or requeued by hand, without those that were given back. */
  starts: number;
  /** Its failed attempts, which are kept with it when it is requeued by hand. */
  failures: number;
}

export function newLedgerTask(task: NewTask, place: number, restarts: Restarts | undefined): LedgerTask {
  const { id, topic, function: name, priority, options } = task;
  return {
    id,
    topic,
    function: name,
    priority,
    state: "ready",
    place,
    attempt: 0,
    epoch: 0,
    worker: "",
    maxRestarts: options.maxRestarts ?? restarts?.ofFunctions[name] ?? restarts?.ofTopics[topic],
    abortRequested: false,
    dueAt: 0,
    endedAt: 0,
    result: undefined,
    starts: 0,
    failures: 0,
  };
}

/** Whether it is started again when its current attempt has failed. */
export function restartsLeft({ attempt, maxRestarts = 0 }: LedgerTask): boolean {
  return attempt <= maxRestarts;
}

/** The state that an attempt's end has to lead to. */
export function expectedState(task: LedgerTask, outcome: Settlement): TaskState {
  if (task.abortRequested) return "aborted";
  switch (outcome.kind) {
    case "finish":
      return "finished";
    case "abort":
      return "aborted";
    case "bury":
      return "in_dead_letter_queue";
    case "giveBack":
      return "ready";
    case "restart":
      return outcome.delayMs > 0 ? "waiting" : "ready";
    default:
      return assertNever(outcome);
  }
}
