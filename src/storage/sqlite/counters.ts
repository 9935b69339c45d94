import type { TaskState } from "../../core/transitions.ts";
import type { Prepared, Sql } from "./prepared.ts";
import { number } from "./row.ts";

export const COUNTERS_SQL: Sql<
  "sequence" | "setSequence" | "addToTopic" | "capacity" | "addToCapacity" | "addToQueued" | "removeEmptyQueued"
> = {
  sequence: `SELECT value FROM counters WHERE name = 'sequence'`,

  setSequence: `UPDATE counters SET value = ? WHERE name = 'sequence'`,

  addToTopic: `
    INSERT INTO topic_counts (topic, state, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, state) DO UPDATE SET tasks = tasks + excluded.tasks`,

  capacity: `SELECT tasks FROM capacity_counts WHERE topic = ? AND priority = ?`,

  addToCapacity: `
    INSERT INTO capacity_counts (topic, priority, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, priority) DO UPDATE SET tasks = tasks + excluded.tasks`,

  addToQueued: `
    INSERT INTO queued_counts (topic, function, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, function) DO UPDATE SET tasks = tasks + excluded.tasks`,

  removeEmptyQueued: `DELETE FROM queued_counts WHERE topic = ? AND function = ? AND tasks = 0`,
};

/** What a task is counted by. */
export interface Counted {
  readonly topic: string;
  readonly function: string;
  readonly priority: number;
}

/** What of it changes. */
export interface Standing {
  readonly state: TaskState;
  readonly attempt: number;
  readonly requeued: boolean;
}

/**
 * The counters of one turn: differences are gathered here and written once, however many tasks the turn touches. What
 * was not flushed is as if it had not been counted.
 */
export class TurnCounters {
  readonly #prepared: Prepared;
  readonly #topics = new Map<string, TopicDifferences>();
  #sequence: number | undefined;
  #storedSequence = 0;

  constructor(prepared: Prepared) {
    this.#prepared = prepared;
  }

  nextSequence(): number {
    if (this.#sequence === undefined) {
      this.#storedSequence = number(this.#prepared.of(COUNTERS_SQL).sequence.get() ?? {}, "value");
      this.#sequence = this.#storedSequence;
    }
    this.#sequence += 1;
    return this.#sequence;
  }

  /** A task stands otherwise than before; undefined: it is not stored yet, or not any more. */
  moved(task: Counted, from: Standing | undefined, to: Standing | undefined): void {
    const differences = this.#of(task.topic);
    if (from !== undefined) count(differences, task, { standing: from, by: -1 });
    if (to !== undefined) count(differences, task, { standing: to, by: 1 });
  }

  /** How many tasks count for the capacity of the topic and priority. */
  capacity(topic: string, priority: number): number {
    const differences = this.#of(topic);
    let stored = differences.storedCapacity.get(priority);
    if (stored === undefined) {
      const row = this.#prepared.of(COUNTERS_SQL).capacity.get(topic, priority);
      stored = row === undefined ? 0 : number(row, "tasks");
      differences.storedCapacity.set(priority, stored);
    }
    return stored + (differences.capacity.get(priority) ?? 0);
  }

  flush(): void {
    if (this.#sequence !== undefined && this.#sequence !== this.#storedSequence) {
      this.#prepared.of(COUNTERS_SQL).setSequence.run(this.#sequence);
    }
    for (const [topic, differences] of this.#topics) this.#flushTopic(topic, differences);
    this.clear();
  }

  /** Forgets what was not flushed, and all that was read. */
  clear(): void {
    this.#topics.clear();
    this.#sequence = undefined;
  }

  #flushTopic(topic: string, { states, queued, capacity }: TopicDifferences): void {
    const { addToTopic, addToQueued, removeEmptyQueued, addToCapacity } = this.#prepared.of(COUNTERS_SQL);
    for (const [state, by] of states) if (by !== 0) addToTopic.run(topic, state, by);
    for (const [priority, by] of capacity) if (by !== 0) addToCapacity.run(topic, priority, by);
    for (const [name, by] of queued) {
      if (by !== 0) addToQueued.run(topic, name, by);
      if (by < 0) removeEmptyQueued.run(topic, name);
    }
  }

  #of(topic: string): TopicDifferences {
    let differences = this.#topics.get(topic);
    if (differences === undefined) {
      differences = { states: new Map(), queued: new Map(), capacity: new Map(), storedCapacity: new Map() };
      this.#topics.set(topic, differences);
    }
    return differences;
  }
}

function count(
  { states, queued, capacity }: TopicDifferences,
  task: Counted,
  { standing, by }: { readonly standing: Standing; readonly by: number },
): void {
  const { state } = standing;
  add(states, state, by);
  if (state === "ready" || state === "waiting") add(queued, task.function, by);
  if (countsForCapacity(standing)) add(capacity, task.priority, by);
}

/** `maxQueueLen` limits those that stand in line and were never started, but by hand. */
function countsForCapacity({ state, attempt, requeued }: Standing): boolean {
  return state === "ready" && attempt === 0 && !requeued;
}

interface TopicDifferences {
  readonly states: Map<TaskState, number>;
  /** By function. */
  readonly queued: Map<string, number>;
  /** By priority, as the next one. */
  readonly capacity: Map<number, number>;
  readonly storedCapacity: Map<number, number>;
}

function add<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
