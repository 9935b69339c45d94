import type { TaskState } from "../../core/transitions.ts";
import { number } from "./row.ts";
import type { CounterStatements } from "./statements/counters.ts";

/** What tells the line that a ready task stands in. */
export interface LineOf {
  readonly topic: string;
  readonly priority: number;
  readonly function: string;
}

/**
 * The counters of one turn: differences are gathered here and written once, however many tasks the turn touches. What
 * was not flushed is as if it had not been counted.
 */
export class TurnCounters {
  readonly #statements: CounterStatements;
  readonly #topics = new Map<string, TopicDifferences>();
  #sequence: number | undefined;
  #storedSequence = 0;

  constructor(statements: CounterStatements) {
    this.#statements = statements;
  }

  nextSequence(): number {
    if (this.#sequence === undefined) {
      this.#storedSequence = number(this.#statements.sequence.get() ?? {}, "value");
      this.#sequence = this.#storedSequence;
    }
    this.#sequence += 1;
    return this.#sequence;
  }

  /** A task has entered (1) or left (-1) a state; of a ready one, also {@link ready} is to be told. */
  state(topic: string, state: TaskState, by: number): void {
    const { states } = this.#of(topic);
    states.set(state, (states.get(state) ?? 0) + by);
  }

  moved(topic: string, from: TaskState, to: TaskState): void {
    this.state(topic, from, -1);
    this.state(topic, to, 1);
  }

  /** A task has entered or left a line; `counts`: it has never been started, so the capacity counts it. */
  ready(line: LineOf, by: number, counts: boolean): void {
    const priority = priorityOf(this.#of(line.topic), line.priority);
    priority.functions.set(line.function, (priority.functions.get(line.function) ?? 0) + by);
    if (counts) priority.capacityDifference += by;
  }

  /** A task has begun (1) or ceased (-1) to wait for a restart. */
  waiting(topic: string, name: string, by: number): void {
    const { waiting } = this.#of(topic);
    waiting.set(name, (waiting.get(name) ?? 0) + by);
  }

  /** How many tasks count for the capacity of the topic and priority. */
  capacity(topic: string, priorityNumber: number): number {
    const priority = priorityOf(this.#of(topic), priorityNumber);
    if (priority.storedCapacity === undefined) {
      const row = this.#statements.capacity.get(topic, priorityNumber);
      priority.storedCapacity = row === undefined ? 0 : number(row, "tasks");
    }
    return priority.storedCapacity + priority.capacityDifference;
  }

  flush(): void {
    if (this.#sequence !== undefined && this.#sequence !== this.#storedSequence) {
      this.#statements.setSequence.run(this.#sequence);
    }
    for (const [topic, differences] of this.#topics) this.#flushTopic(topic, differences);
    this.clear();
  }

  /** Forgets what was not flushed, and all that was read. */
  clear(): void {
    this.#topics.clear();
    this.#sequence = undefined;
  }

  #flushTopic(topic: string, { states, waiting, priorities }: TopicDifferences): void {
    for (const [state, by] of states) if (by !== 0) this.#statements.addToTopic.run(topic, state, by);
    for (const [name, by] of waiting) {
      if (by !== 0) this.#statements.addToWaiting.run(topic, name, by);
      if (by < 0) this.#statements.removeEmptyWaiting.run(topic, name);
    }
    for (const [priority, { functions, capacityDifference }] of priorities) {
      if (capacityDifference !== 0) this.#statements.addToCapacity.run(topic, priority, capacityDifference);
      for (const [name, by] of functions) {
        if (by !== 0) this.#statements.addToReady.run(topic, name, priority, by);
        if (by < 0) this.#statements.removeEmptyReady.run(topic, name, priority);
      }
    }
  }

  #of(topic: string): TopicDifferences {
    let differences = this.#topics.get(topic);
    if (differences === undefined) {
      differences = { states: new Map(), waiting: new Map(), priorities: new Map() };
      this.#topics.set(topic, differences);
    }
    return differences;
  }
}

interface TopicDifferences {
  readonly states: Map<TaskState, number>;
  /** By function. */
  readonly waiting: Map<string, number>;
  readonly priorities: Map<number, PriorityDifferences>;
}

interface PriorityDifferences {
  readonly functions: Map<string, number>;
  capacityDifference: number;
  storedCapacity: number | undefined;
}

function priorityOf({ priorities }: TopicDifferences, priority: number): PriorityDifferences {
  let differences = priorities.get(priority);
  if (differences === undefined) {
    differences = { functions: new Map(), capacityDifference: 0, storedCapacity: undefined };
    priorities.set(priority, differences);
  }
  return differences;
}
