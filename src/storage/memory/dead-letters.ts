import type { DeadLetterQuery } from "../port.ts";
import type { TaskRecord } from "./task-record.ts";

interface Entry {
  readonly task: TaskRecord;
  readonly sequence: number;
}

const SWEEP_ABOVE = 64;

/** The dead-letter queue in the order of entry, which is that of the sequence number that a task gets on entering. */
export class DeadLetters {
  #entries: Entry[] = [];
  readonly #live = new Set<TaskRecord>();

  add(task: TaskRecord): void {
    this.#live.add(task);
    this.#entries.push({ task, sequence: task.sequence });
  }

  remove(task: TaskRecord): void {
    this.#live.delete(task);
    if (this.#entries.length > SWEEP_ABOVE && this.#entries.length > 2 * this.#live.size) {
      this.#entries = this.#entries.filter((entry) => this.#isTrue(entry));
    }
  }

  /** Newest first; `after`: a task that is in the queue. */
  list({ topic, limit, endedBefore = Infinity }: DeadLetterQuery, after: TaskRecord | undefined): TaskRecord[] {
    const found: TaskRecord[] = [];
    let index = after === undefined ? this.#entries.length : this.#firstFrom(after.sequence);
    while (index-- > 0 && found.length < limit) {
      const entry = this.#entries[index];
      if (entry === undefined || !this.#isTrue(entry)) continue;
      if ((entry.task.endedAt ?? 0) >= endedBefore) continue;
      if (topic === undefined || entry.task.topic === topic) found.push(entry.task);
    }
    return found;
  }

  /** The index of the first entry with `sequence` or a later one. */
  #firstFrom(sequence: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isTrue(entry: Entry): boolean {
    return this.#live.has(entry.task) && entry.task.sequence === entry.sequence;
  }
}
