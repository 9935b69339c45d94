import type { TaskState } from "../core/transitions.ts";
import type { TopicCounts, UnclaimableTasks } from "../storage/port.ts";

/** The counts, with those of `topics` added that have none. */
export function withTopics(counts: readonly TopicCounts[], topics: Iterable<string>): TopicCounts[] {
  const missing = new Set(topics);
  for (const { topic } of counts) missing.delete(topic);
  return [...counts, ...Array.from(missing, noTasks)];
}

/**
 * The counts of several storages as one. A topic that has tasks in more than one, as one that was stored before it was
 * kept in memory, is counted together.
 */
export function mergeCounts(lists: readonly (readonly TopicCounts[])[]): TopicCounts[] {
  const merged = new Map<string, TopicCounts>();
  for (const counts of lists.flat()) {
    const other = merged.get(counts.topic);
    merged.set(counts.topic, other === undefined ? counts : sum(other, counts));
  }
  return [...merged.values()];
}

function sum(one: TopicCounts, other: TopicCounts): TopicCounts {
  const counts = { ...one.counts };
  for (const state of Object.keys(counts) as TaskState[]) counts[state] += other.counts[state];
  const oldest = Math.min(one.oldestQueuedAt ?? Infinity, other.oldestQueuedAt ?? Infinity);
  return {
    topic: one.topic,
    counts,
    oldestQueuedAt: oldest === Infinity ? undefined : oldest,
    isServed: one.isServed || other.isServed,
    unclaimable: sumOfFunctions([...one.unclaimable, ...other.unclaimable]),
  };
}

function sumOfFunctions(unclaimable: readonly UnclaimableTasks[]): UnclaimableTasks[] {
  const sums = new Map<string, number>();
  for (const { function: name, tasks } of unclaimable) sums.set(name, (sums.get(name) ?? 0) + tasks);
  return Array.from(sums, ([name, tasks]) => ({ function: name, tasks }));
}

function noTasks(topic: string): TopicCounts {
  const counts = { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
  return { topic, counts, oldestQueuedAt: undefined, isServed: false, unclaimable: [] };
}
