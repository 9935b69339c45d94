import type { TaskState } from "../../core/transitions.ts";
import type { TopicCounts } from "../port.ts";
import { number, text } from "./row.ts";
import type { CounterStatements } from "./statements/counters.ts";

/** The counts of every registered topic; one without tasks has noughts. */
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
  return [...byTopic].map(([topic, counts]) => ({ topic, counts }));
}

function noTasks(): Record<TaskState, number> {
  return { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
}

function isState(state: unknown, counts: Readonly<Record<TaskState, number>>): state is TaskState {
  return typeof state === "string" && Object.hasOwn(counts, state);
}
