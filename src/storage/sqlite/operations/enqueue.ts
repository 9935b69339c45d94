import { repeatOf, sortByKey } from "../../known-keys.ts";
import type { ClaimedTask, EnqueueManyResult, EnqueueResult, NewTask } from "../../port.ts";
import { findTask } from "../task-row.ts";
import { store } from "../transition.ts";
import type { Turn } from "../turn.ts";
import { findKey, keepKey } from "./idempotency-keys.ts";
import { storeStarted } from "./start.ts";

/** Stores a task where it belongs: in a slot that is free, in its line, or apart until its time has come. */
export function enqueue(turn: Turn, task: NewTask): EnqueueResult {
  return repeatOf(task, (key) => findKey(turn, key)) ?? storeNew(turn, task);
}

/** Stores all of the tasks, or none where there is no place for one or its idempotency key is another's. */
export function enqueueMany(turn: Turn, tasks: readonly NewTask[]): EnqueueManyResult {
  const sorted = sortByKey(tasks, (key) => findKey(turn, key));
  if (sorted.kind === "conflict") return sorted;
  const { fresh, repeated } = sorted;
  const [first] = fresh;
  // All of one call are stored together: where the first is, the call was only sent again.
  if (first === undefined || isStored(turn, first.task)) return { kind: "stored", claimed: [], repeated };
  return turn.allOrNothing((): { keep: boolean; value: EnqueueManyResult } => {
    const claimed: ClaimedTask[] = [];
    for (const { index, task } of fresh) {
      const result = storeNew(turn, task);
      if (result.kind === "full") return { keep: false, value: { ...result, index } };
      if (result.kind === "claimed") claimed.push(result.task);
    }
    return { keep: true, value: { kind: "stored", claimed, repeated } };
  });
}

type Stored = Extract<EnqueueResult, { kind: "stored" | "claimed" | "full" }>;

/** Of a task whose idempotency key is new. */
function storeNew(turn: Turn, task: NewTask): Stored {
  const result = place(turn, task);
  if (result.kind !== "full") keepKey(turn, task);
  return result;
}

function place(turn: Turn, task: NewTask): Stored {
  const { topic, priority, start, runAt } = task;
  const memory = turn.memory?.shortFor(task);
  if (memory !== undefined) return isStored(turn, task) ? { kind: "stored" } : { kind: "full", memory };
  if (runAt !== undefined && runAt > turn.now) {
    store(turn, task, { to: "waiting", dueAt: runAt });
    return { kind: "stored" };
  }
  if (start !== undefined && turn.freeSlots.has(topic, start.worker)) {
    const claimed = storeStarted(turn, task, start);
    if (claimed === undefined) return { kind: "stored" };
    turn.freeSlots.take(topic, start.worker);
    return { kind: "claimed", task: claimed };
  }
  if (turn.counters.capacity(topic, priority) >= task.maxQueueLen) {
    return isStored(turn, task) ? { kind: "stored" } : { kind: "full" };
  }
  store(turn, task, { to: "ready" });
  return { kind: "stored" };
}

function isStored({ prepared }: Turn, { id }: NewTask): boolean {
  return findTask(prepared, id) !== undefined;
}
