import { Heap } from "../../src/storage/heap.ts";
import type { LedgerTask } from "./ledger-task.ts";

interface Entry {
  readonly task: LedgerTask;
  readonly place: number;
}

/** The ready tasks of all topics in their lines, by priority and function, so that the head of each is found at once. */
export class Lines {
  readonly #lines = new Map<string, Map<string, Heap<Entry>>>();

  add(task: LedgerTask): void {
    const ofFunctions = this.#lines.get(keyOf(task.topic, task.priority)) ?? new Map<string, Heap<Entry>>();
    this.#lines.set(keyOf(task.topic, task.priority), ofFunctions);
    const line = ofFunctions.get(task.function) ?? new Heap<Entry>((a, b) => a.place < b.place);
    line.push({ task, place: task.place });
    ofFunctions.set(task.function, line);
  }

  /** The task that a worker which knows `functions` has to take next. */
  next(topic: string, functions: { has(name: string): boolean }): LedgerTask | undefined {
    for (let priority = 1; priority <= 10; priority += 1) {
      let first: Entry | undefined;
      for (const [name, line] of this.#lines.get(keyOf(topic, priority)) ?? []) {
        const head = functions.has(name) ? headOf(line) : undefined;
        if (head !== undefined && (first === undefined || head.place < first.place)) first = head;
      }
      if (first !== undefined) return first.task;
    }
    return undefined;
  }
}

/** Drops what has left the line meanwhile. */
function headOf(line: Heap<Entry>): Entry | undefined {
  for (let head = line.peek(); head !== undefined; head = line.peek()) {
    if (head.task.state === "ready" && head.task.place === head.place) return head;
    line.pop();
  }
  return undefined;
}

function keyOf(topic: string, priority: number): string {
  return `${priority} ${topic}`;
}
