import { Heap } from "../heap.ts";
import type { TaskRecord } from "./task-record.ts";

interface Entry {
  readonly task: TaskRecord;
  readonly sequence: number;
  readonly endedAt: number;
}

/** Entries that are no longer true are swept once they outnumber the others, but not where there are as few as this. */
const SWEEP_ABOVE = 64;

/** The tasks of one end state, by the moment they ended, for retention. */
export class EndedTasks {
  readonly #entries = new Heap<Entry>((a, b) => a.endedAt < b.endedAt);
  readonly #live = new Set<TaskRecord>();

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

  /** The task that ended first, if it ended before `time`. */
  firstEndedBefore(time: number): TaskRecord | undefined {
    for (let entry = this.#entries.peek(); entry !== undefined; entry = this.#entries.peek()) {
      if (this.#isTrue(entry)) return entry.endedAt < time ? entry.task : undefined;
      this.#entries.pop();
    }
    return undefined;
  }

  #isTrue(entry: Entry): boolean {
    return this.#live.has(entry.task) && entry.task.sequence === entry.sequence;
  }
}
