import { Heap } from "../heap.ts";
import type { TaskRecord } from "./task-record.ts";

/**
 * The ready tasks of one topic: a line by priority and function, each a heap by sequence number. A task that leaves
 * is only counted out; its entry is dropped when it comes to the head, or when most entries are such.
 */
export class ReadyLines {
  /** By priority, the lines that are not empty by function. */
  readonly #lines = new Map<number, Map<string, Line>>();

  add(task: TaskRecord): void {
    let byFunction = this.#lines.get(task.priority);
    if (byFunction === undefined) this.#lines.set(task.priority, (byFunction = new Map<string, Line>()));
    let line = byFunction.get(task.function);
    if (line === undefined) byFunction.set(task.function, (line = new Line()));
    line.add(task);
  }

  /** To be called while the task still is `ready`, before anything of it changes. */
  remove(task: TaskRecord): void {
    const byFunction = this.#lines.get(task.priority);
    const line = byFunction?.get(task.function);
    if (byFunction === undefined || line === undefined) return;
    line.remove(task);
    if (line.size === 0) byFunction.delete(task.function);
  }

  /** Takes up to `limit` tasks of known functions, by priority, then sequence. Each is then to be removed, too. */
  take(limit: number, known: KnownFunctions): TaskRecord[] {
    const taken: TaskRecord[] = [];
    for (const priority of [...this.#lines.keys()].toSorted((a, b) => a - b)) {
      if (taken.length >= limit) break;
      this.#takeOf(priority, known, { taken, limit });
    }
    return taken;
  }

  /** When the first task of a line joined it: the earliest of all lines. */
  oldestQueuedAt(): number | undefined {
    const heads = Array.from(this.#lines.values(), (byFunction) => firstOf(byFunction.values()));
    return heads.reduce<number | undefined>((oldest, head) => {
      if (head === undefined) return oldest;
      return Math.min(oldest ?? Infinity, head.task.queuedAt);
    }, undefined);
  }

  #takeOf(priority: number, known: KnownFunctions, into: { taken: TaskRecord[]; limit: number }): void {
    const heads = new Heap<Head>((a, b) => a.entry.sequence < b.entry.sequence);
    for (const [name, line] of this.#lines.get(priority) ?? []) {
      const entry = known.has(name) ? line.take() : undefined;
      if (entry !== undefined) heads.push({ line, entry });
    }
    while (into.taken.length < into.limit) {
      const head = heads.pop();
      if (head === undefined) return;
      into.taken.push(head.entry.task);
      const next = head.line.take();
      if (next !== undefined) heads.push({ line: head.line, entry: next });
    }
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) head.line.putBack(head.entry);
  }
}

/** Of several lines of one priority, the head that comes first. */
function firstOf(lines: Iterable<Line>): Entry | undefined {
  let first: Entry | undefined;
  for (const line of lines) {
    const head = line.head();
    if (head !== undefined && (first === undefined || head.sequence < first.sequence)) first = head;
  }
  return first;
}

interface KnownFunctions {
  has(name: string): boolean;
}

interface Head {
  readonly line: Line;
  readonly entry: Entry;
}

interface Entry {
  readonly task: TaskRecord;
  readonly sequence: number;
}

/** Entries that are no longer true are swept once they outnumber the others, but not in a line as short as this. */
const SWEEP_ABOVE = 64;

class Line {
  readonly #entries = new Heap<Entry>((a, b) => a.sequence < b.sequence);
  /** By task, its one true entry. A task that is given back keeps its number, which an entry of before has as well. */
  readonly #live = new Map<TaskRecord, Entry>();

  get size(): number {
    return this.#live.size;
  }

  add(task: TaskRecord): void {
    const entry = { task, sequence: task.sequence };
    this.#live.set(task, entry);
    this.#entries.push(entry);
  }

  remove(task: TaskRecord): void {
    this.#live.delete(task);
    if (this.#entries.size > SWEEP_ABOVE && this.#entries.size > 2 * this.#live.size) {
      this.#entries.filter((entry) => this.#isTrue(entry));
    }
  }

  /** Takes the first entry out. */
  take(): Entry | undefined {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      if (this.#isTrue(entry)) return entry;
    }
    return undefined;
  }

  /** The first entry, which stays. */
  head(): Entry | undefined {
    for (let entry = this.#entries.peek(); entry !== undefined; entry = this.#entries.peek()) {
      if (this.#isTrue(entry)) return entry;
      this.#entries.pop();
    }
    return undefined;
  }

  putBack(entry: Entry): void {
    this.#entries.push(entry);
  }

  #isTrue(entry: Entry): boolean {
    return this.#live.get(entry.task) === entry;
  }
}
