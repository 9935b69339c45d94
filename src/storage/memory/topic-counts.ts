import type { TopicCounts } from "../port.ts";
import type { TaskTable } from "./task-table.ts";
import type { Workers } from "./workers.ts";

/** The counts of every topic that is registered or has tasks. */
export function topicCounts(parts: {
  table: TaskTable;
  workers: Workers;
  registered: readonly string[];
}): TopicCounts[] {
  const { table, workers, registered } = parts;
  return [...new Set([...registered, ...table.topics()])].map((topic) => ({
    topic,
    counts: table.counts(topic),
    oldestQueuedAt: table.oldestQueuedAt(topic),
    isServed: workers.isOffered(topic),
    unclaimable: Array.from(table.queuedByFunction(topic), ([name, tasks]) => ({ function: name, tasks }))
      .filter((queued) => !workers.isOffered(topic, queued.function))
      .toSorted((a, b) => (a.function < b.function ? -1 : 1)),
  }));
}
