import type { ClaimedTask, NewTask } from "../../port.ts";
import type { TaskRow } from "../task-row.ts";
import { store, transition } from "../transition.ts";
import type { Turn } from "../turn.ts";
import type { Work } from "../work.ts";

/** Who runs a task, and how often it may be restarted where it does not say so itself. */
export interface Starter {
  readonly worker: string;
  readonly maxRestarts: number;
}

/** Makes a stored task that is ready the worker's. */
export function start(turn: Turn, task: TaskRow, { work, by }: { work: Work; by: Starter }): ClaimedTask {
  const maxRestarts = work.options.maxRestarts ?? by.maxRestarts;
  transition(turn, task, "claim", { to: "running", worker: by.worker, maxRestarts });
  const { id, topic, priority, function: name } = task;
  return {
    id,
    epoch: task.epoch + 1,
    topic,
    function: name,
    priority,
    attempt: task.attempt + 1,
    maxRestarts,
    ...work,
  };
}

/**
 * The short cut for a new task that can start now: stored as already claimed, which saves it two changes of state. Undefined:
 * its id is stored already.
 */
export function storeStarted(turn: Turn, task: NewTask, by: Starter): ClaimedTask | undefined {
  const { id, topic, priority, function: name, args, options } = task;
  const maxRestarts = options.maxRestarts ?? by.maxRestarts;
  if (!store(turn, task, { to: "running", worker: by.worker, maxRestarts })) return undefined;
  return { id, epoch: 1, topic, function: name, args, priority, attempt: 1, maxRestarts, options };
}
