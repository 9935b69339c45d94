import type { FreeSlots } from "./free-slots.ts";
import type { NewTask } from "./operations.ts";

/**
 * The first of several new tasks that fits neither into a free slot nor into its line, if each before it is stored;
 * undefined: all fit.
 *
 * @param waiting how many tasks of a topic and priority count for its capacity now.
 */
export function firstWithoutPlace<Entry extends { readonly task: NewTask }>(
  entries: readonly Entry[],
  freeSlots: FreeSlots,
  waiting: (topic: string, priority: number) => number,
): Entry | undefined {
  const slotsTaken = new Map<string, number>();
  const placesTaken = new Map<string, number>();
  for (const entry of entries) {
    const { topic, priority, start, maxQueueLen } = entry.task;
    // No topic holds U+0000.
    const slots = `${topic}\0${start?.worker ?? ""}`;
    const taken = slotsTaken.get(slots) ?? 0;
    if (start !== undefined && taken < freeSlots.count(topic, start.worker)) {
      slotsTaken.set(slots, taken + 1);
      continue;
    }
    const line = `${topic}\0${priority}`;
    const places = placesTaken.get(line) ?? 0;
    if (waiting(topic, priority) + places >= maxQueueLen) return entry;
    placesTaken.set(line, places + 1);
  }
  return undefined;
}
