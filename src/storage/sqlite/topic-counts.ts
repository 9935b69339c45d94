import type { TaskState } from "../../core/transitions.ts";
import type { TopicCounts, UnclaimableTasks } from "../port.ts";
import { number, text } from "./row.ts";
import type { CounterStatements } from "./statements/counters.ts";

/** The counts of every topic that is registered or has tasks. To be called in one transaction. */
export function readTopicCounts(statements: CounterStatements): TopicCounts[] {
  const byTopic = new Map<string, Record<TaskState, number>>();
  for (const row of statements.topics.all()) {
    const topic = text(row, "topic");
    const counts = byTopic.get(topic) ?? noTasks();
    byTopic.set(topic, counts);
    const state = row["state"];
    // In another state there is nothing to show.
    if (isState(state, counts)) counts[state] = number(row, "tasks");
  }
  const served = new Set(statements.servedTopics.all().map((row) => text(row, "topic")));
  const oldest = new Map(statements.oldestQueued.all().map((row) => [text(row, "topic"), number(row, "queued_at")]));
  const unclaimable = readUnclaimable(statements);
  return Array.from(byTopic, ([topic, counts]) => ({
    topic,
    counts,
    oldestQueuedAt: oldest.get(topic),
    isServed: served.has(topic),
    unclaimable: unclaimable.get(topic) ?? [],
  }));
}

function readUnclaimable(statements: CounterStatements): Map<string, UnclaimableTasks[]> {
  const byTopic = new Map<string, UnclaimableTasks[]>();
  for (const row of statements.unclaimable.all()) {
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
