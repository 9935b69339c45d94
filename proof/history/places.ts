import { hasEnded, type TaskState } from "../../src/core/transitions.ts";
import { Heap } from "../../src/storage/heap.ts";
import type { LedgerTask } from "./ledger-task.ts";
import { Lines } from "./lines.ts";

interface Entry {
  readonly task: LedgerTask;
  readonly at: number;
  readonly place: number;
}

/** Where each task stands, so that whoever is next in a line, a wait or a retention is found without a search. */
export class Places {
  readonly #lines = new Lines();
  readonly #waiting = new Heap<Entry>(isBefore);
  readonly #running = new Map<string, Set<LedgerTask>>();
  /** By state and topic. */
  readonly #ended = new Map<string, Heap<Entry>>();

  /** A task has come into its state. */
  enter(task: LedgerTask): void {
    const { state, place } = task;
    if (state === "ready") this.#lines.add(task);
    if (state === "running") this.#of(task.worker).add(task);
    if (state === "waiting") this.#waiting.push({ task, at: task.dueAt, place });
    if (hasEnded(state)) this.#endedIn(state, task.topic).push({ task, at: task.endedAt, place });
  }

  /** It is about to leave its state. */
  leave(task: LedgerTask): void {
    if (task.state === "running") this.#of(task.worker).delete(task);
  }

  /** The task that a worker which knows `functions` has to take next. */
  nextReady(topic: string, functions: { has(name: string): boolean }): LedgerTask | undefined {
    return this.#lines.next(topic, functions);
  }

  /** The waiting task that is due first, if it is by `now`. */
  nextDue(now: number): LedgerTask | undefined {
    const next = firstOf(this.#waiting, "waiting");
    return next !== undefined && next.at <= now ? next.task : undefined;
  }

  /** The task of a state and topic that ended first, if that was before `time`. */
  firstEnded({ state, topic }: { state: TaskState; topic: string }, time: number): LedgerTask | undefined {
    const next = firstOf(this.#endedIn(state, topic), state);
    return next !== undefined && next.at < time ? next.task : undefined;
  }

  /** What a worker runs, in the order of the lines. */
  runningOf(worker: string): LedgerTask[] {
    return [...this.#of(worker)].toSorted((a, b) => a.place - b.place);
  }

  #of(worker: string): Set<LedgerTask> {
    const running = this.#running.get(worker) ?? new Set();
    this.#running.set(worker, running);
    return running;
  }

  #endedIn(state: TaskState, topic: string): Heap<Entry> {
    const key = `${state} ${topic}`;
    const ended = this.#ended.get(key) ?? new Heap<Entry>(isBefore);
    this.#ended.set(key, ended);
    return ended;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.place < b.place);
}

/** The first entry that is still true: its task is in that state since then. */
function firstOf(heap: Heap<Entry>, state: TaskState): Entry | undefined {
  for (let entry = heap.peek(); entry !== undefined; entry = heap.peek()) {
    const { task } = entry;
    const since = state === "waiting" ? task.dueAt : task.endedAt;
    if (task.state === state && since === entry.at) return entry;
    heap.pop();
  }
  return undefined;
}
