import { firstWithoutPlace } from "./first-without-place.ts";
import type { FreeSlots } from "./free-slots.ts";
import { type KnownKey, sortByKey } from "./known-keys.ts";
import type { EnqueueManyResult, EnqueueResult, MemoryUse, NewTask } from "./operations.ts";

/** What storing several tasks asks of a storage, within one turn. */
export interface EnqueueAllSteps {
  /** The slots that the claims of this turn have left free. */
  readonly freeSlots: FreeSlots;
  findKey(key: string): KnownKey | undefined;
  isStored(id: string): boolean;
  /** How many tasks of a topic and priority count for its capacity now. */
  waiting(topic: string, priority: number): number;
  /** Throws where a task cannot be stored. Only where a storage cannot take back what it has stored before that. */
  requireStorable?(task: NewTask): void;
  /** What is taken up, where so many bytes more find no room. Only of a storage that keeps tasks in memory. */
  shortOfMemory?(bytes: number): MemoryUse | undefined;
  /** What a task takes there. */
  bytesOf?(task: NewTask): number;
  /** Stores a task whose idempotency key is new, and that has a place. */
  store(task: NewTask): EnqueueResult;
}

/** Stores all of the tasks, or none where there is no place for one or its idempotency key is another's. */
export function enqueueAll(tasks: readonly NewTask[], steps: EnqueueAllSteps): EnqueueManyResult {
  const sorted = sortByKey(tasks, (key) => steps.findKey(key));
  if (sorted.kind === "conflict") return sorted;
  const { fresh, repeated } = sorted;
  const [first] = fresh;
  // All of one call are stored together: where the first is, the call was only sent again.
  if (first === undefined || steps.isStored(first.task.id)) return { kind: "stored", claimed: [], repeated };
  for (const { task } of fresh) steps.requireStorable?.(task);
  const full = firstWithoutPlace(fresh, steps.freeSlots, (topic, priority) => steps.waiting(topic, priority));
  if (full !== undefined) return { kind: "full", index: full.index };
  const short = firstWithoutMemory(fresh, steps);
  if (short !== undefined) return short;
  const results = fresh.map(({ task }) => steps.store(task));
  const claimed = results.flatMap((result) => (result.kind === "claimed" ? [result.task] : []));
  return { kind: "stored", claimed, repeated };
}

function firstWithoutMemory(
  tasks: readonly { readonly index: number; readonly task: NewTask }[],
  steps: EnqueueAllSteps,
): Extract<EnqueueManyResult, { kind: "full" }> | undefined {
  let bytes = 0;
  for (const { index, task } of tasks) {
    bytes += steps.bytesOf?.(task) ?? 0;
    const memory = steps.shortOfMemory?.(bytes);
    if (memory !== undefined) return { kind: "full", index, memory };
  }
  return undefined;
}
