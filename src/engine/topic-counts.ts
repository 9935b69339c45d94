import type { TaskState } from "../core/transitions.ts";
import type { TopicCounts } from "../storage/port.ts";

/** The counts, with those of `topics` added that have none. */
export function withTopics(counts: readonly TopicCounts[], topics: Iterable<string>): TopicCounts[] {
  const missing = new Set(topics);
  for (const { topic } of counts) missing.delete(topic);
  return [...counts, ...Array.from(missing, noTasks)];
}

/**
 * The counts of two storages as one. A topic that has tasks in both, as one that was stored before it was kept in memory,
 * is counted together.
 */
export function mergeCounts(stored: readonly TopicCounts[], inMemory: readonly TopicCounts[]): TopicCounts[] {
  const merged = new Map(stored.map((counts) => [counts.topic, counts]));
  for (const counts of inMemory) {
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
    unclaimable: [...one.unclaimable, ...other.unclaimable],
  };
}

function noTasks(topic: string): TopicCounts {
  const counts = { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
  return { topic, counts, oldestQueuedAt: undefined, isServed: false, unclaimable: [] };
}
