import type { TaskState } from "../../../core/transitions.ts";
import type { TopicCounts, UnclaimableTasks } from "../../port.ts";
import type { Prepared, Sql } from "../prepared.ts";
import { number, text } from "../row.ts";

/** The first task of the first line that comes behind another one. */
function headBehind(condition: string): string {
  return `
        SELECT next.key
        FROM tasks AS next INDEXED BY tasks_ready
        WHERE next.state = 'ready' ${condition}
        ORDER BY next.topic, next.priority, next.sequence
        LIMIT 1`;
}

export const TOPIC_COUNTS_SQL: Sql<"topics" | "servedTopics" | "oldestQueued" | "unclaimable"> = {
  /** Every topic that is registered or has tasks, by state. */
  topics: `
    SELECT topic, NULL AS state, 0 AS tasks
    FROM topics
    UNION ALL
    SELECT topic, state, tasks
    FROM topic_counts
    WHERE tasks <> 0`,

  servedTopics: `SELECT DISTINCT topic FROM worker_functions`,

  /** Steps from the head of one line to that of the next: behind its first task nobody has waited for longer. */
  oldestQueued: `
    WITH RECURSIVE heads (key) AS (
      SELECT key
      FROM (${headBehind("")})
      UNION ALL
      SELECT coalesce(
        (${headBehind("AND next.topic = head.topic AND next.priority > head.priority")}),
        (${headBehind("AND next.topic > head.topic")})
      )
      FROM heads
      JOIN tasks AS head ON head.key = heads.key
    )
    SELECT tasks.topic, min(coalesce(tasks.queued_at, tasks.enqueued_at)) AS queued_at
    FROM heads
    JOIN tasks ON tasks.key = heads.key
    GROUP BY tasks.topic`,

  unclaimable: `
    SELECT topic, function, tasks
    FROM queued_counts AS queued
    WHERE
      tasks > 0
      AND NOT EXISTS (
        SELECT 1
        FROM worker_functions AS offer
        WHERE offer.topic = queued.topic AND offer.function = queued.function
      )`,
};

/** The counts of every topic that is registered or has tasks. To be called in one transaction. */
export function readTopicCounts(prepared: Prepared): TopicCounts[] {
  const { topics, servedTopics, oldestQueued } = prepared.of(TOPIC_COUNTS_SQL);
  const byTopic = new Map<string, Record<TaskState, number>>();
  for (const row of topics.all()) {
    const topic = text(row, "topic");
    const counts = byTopic.get(topic) ?? noTasks();
    byTopic.set(topic, counts);
    const state = row["state"];
    // In another state there is nothing to show.
    if (isState(state, counts)) counts[state] = number(row, "tasks");
  }
  const served = new Set(servedTopics.all().map((row) => text(row, "topic")));
  const oldest = new Map(oldestQueued.all().map((row) => [text(row, "topic"), number(row, "queued_at")]));
  const unclaimable = readUnclaimable(prepared);
  return Array.from(byTopic, ([topic, counts]) => ({
    topic,
    counts,
    oldestQueuedAt: oldest.get(topic),
    isServed: served.has(topic),
    unclaimable: unclaimable.get(topic) ?? [],
  }));
}

function readUnclaimable(prepared: Prepared): Map<string, UnclaimableTasks[]> {
  const byTopic = new Map<string, UnclaimableTasks[]>();
  for (const row of prepared.of(TOPIC_COUNTS_SQL).unclaimable.all()) {
    const topic = text(row, "topic");
    const ofTopic = byTopic.get(topic) ?? [];
    byTopic.set(topic, ofTopic);
    ofTopic.push({ function: text(row, "function"), tasks: number(row, "tasks") });
  }
  return byTopic;
}

function noTasks(): Record<TaskState, number> {
  return { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
}

function isState(state: unknown, counts: Readonly<Record<TaskState, number>>): state is TaskState {
  return typeof state === "string" && Object.hasOwn(counts, state);
}
