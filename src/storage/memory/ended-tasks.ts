import { Heap } from "../heap.ts";
import type { TaskState } from "../../core/transitions.ts";
import type { TaskRecord } from "./task-record.ts";

interface Entry {
  readonly task: TaskRecord;
  readonly sequence: number;
  readonly endedAt: number;
}

/** Entries that are no longer true are swept once they outnumber the others, but not where there are as few as this. */
const SWEEP_ABOVE = 64;

/** The ended tasks by the moment they ended: of each state, and of each state and topic. */
export class EndedTasks {
  readonly #ofState = new Map<TaskState, EndedLine>();
  readonly #ofTopic = new Map<string, EndedLine>();

  add(task: TaskRecord): void {
    lineOf(this.#ofState, task.state).add(task);
    lineOf(this.#ofTopic, lineKey(task)).add(task);
  }

  remove(task: TaskRecord): void {
    this.#ofState.get(task.state)?.remove(task);
    this.#ofTopic.get(lineKey(task))?.remove(task);
  }

  /** The task of a state and topic that ended first, if it ended before `time`. */
  firstEndedBefore(state: TaskState, topic: string, time: number): TaskRecord | undefined {
    const first = this.#ofTopic.get(lineKey({ state, topic }))?.first();
    return first !== undefined && (first.endedAt ?? 0) < time ? first : undefined;
  }

  /** The task of a state that ended first. */
  first(state: TaskState): TaskRecord | undefined {
    return this.#ofState.get(state)?.first();
  }

  count(state: TaskState): number {
    return this.#ofState.get(state)?.size ?? 0;
  }
}

/** Some ended tasks by the moment they ended. */
class EndedLine {
  readonly #entries = new Heap<Entry>(
    (a, b) => a.endedAt < b.endedAt || (a.endedAt === b.endedAt && a.sequence < b.sequence),
  );
  readonly #live = new Set<TaskRecord>();

  get size(): number {
    return this.#live.size;
  }

  add(task: TaskRecord): void {
    this.#live.add(task);
    this.#entries.push({ task, sequence: task.sequence, endedAt: task.endedAt ?? 0 });
  }

  remove(task: TaskRecord): void {
    this.#live.delete(task);
    if (this.#entries.size > SWEEP_ABOVE && this.#entries.size > 2 * this.#live.size) {
      this.#entries.filter((entry) => this.#isTrue(entry));
    }
  }

  first(): TaskRecord | undefined {
    for (let entry = this.#entries.peek(); entry !== undefined; entry = this.#entries.peek()) {
      if (this.#isTrue(entry)) return entry.task;
      this.#entries.pop();
    }
    return undefined;
  }

  #isTrue(entry: Entry): boolean {
    return this.#live.has(entry.task) && entry.task.sequence === entry.sequence;
  }
}

function lineKey({ state, topic }: Pick<TaskRecord, "state" | "topic">): string {
  return `${state} ${topic}`;
}

function lineOf<Key>(lines: Map<Key, EndedLine>, key: Key): EndedLine {
  const present = lines.get(key);
  if (present !== undefined) return present;
  const made = new EndedLine();
  lines.set(key, made);
  return made;
}
