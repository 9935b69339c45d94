import { assertNever } from "../../core/errors.ts";
import { mayHappen, type TaskState, type TransitionEvent } from "../../core/transitions.ts";
import { DeadLetters } from "./dead-letters.ts";
import { EndedTasks } from "./ended-tasks.ts";
import { Heap } from "../heap.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import { MemoryUseCounter } from "./memory-use.ts";
import { ReadyLines } from "./ready-lines.ts";
import { countsForCapacity, type TaskChanges, type TaskRecord } from "./task-record.ts";

/** Every task, and by state what is needed to find the next one without searching. */
export class TaskTable {
  readonly deadLetters: DeadLetters = new DeadLetters();
  readonly ended: EndedTasks = new EndedTasks();
  readonly memory: MemoryUseCounter;
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #ready = new Map<string, ReadyLines>();
  readonly #waiting = new Heap<Due>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence));
  readonly #running = new Map<string, Set<TaskRecord>>();
  readonly #counts = new Map<string, Record<TaskState, number>>();
  /** By topic and function: what is ready or waiting; never 0. */
  readonly #queued = new Map<string, Map<string, number>>();
  /** By topic and priority: the ready tasks that were never started. */
  readonly #fresh = new Map<string, number>();
  #sequence = 0;

  constructor(limits: MemoryLimits) {
    this.memory = new MemoryUseCounter(limits);
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  get(id: string): TaskRecord | undefined {
    return this.#tasks.get(id);
  }

  insert(task: TaskRecord): void {
    this.#tasks.set(task.id, task);
    this.#enter(task);
  }

  /** Makes one transition with all that changes along with it. */
  change(task: TaskRecord, { event, to, changes }: Transition): void {
    this.#guard(task, event);
    this.#leave(task);
    Object.assign(task, changes);
    task.state = to;
    // It was that of an attempt that is over; a task that has ended keeps its last.
    if (to === "ready" || to === "waiting") task.progress = undefined;
    this.#enter(task);
  }

  delete(task: TaskRecord, event: TransitionEvent): void {
    this.#guard(task, event);
    this.#leave(task);
    this.#tasks.delete(task.id);
    // Where it once stood may still know its record for a while.
    task.args = "";
    task.result = undefined;
    task.failures.length = 0;
  }

  /** How many ready tasks of the topic and priority count for its capacity. */
  waitingForFirstStart(topic: string, priority: number): number {
    return this.#fresh.get(lineKey(topic, priority)) ?? 0;
  }

  takeReady(topic: string, limit: number, known: { has(name: string): boolean }): TaskRecord[] {
    return this.#ready.get(topic)?.take(limit, known) ?? [];
  }

  runningOf(worker: string): readonly TaskRecord[] {
    return [...(this.#running.get(worker) ?? [])].toSorted((a, b) => a.sequence - b.sequence);
  }

  firstWaiting(): TaskRecord | undefined {
    for (let due = this.#waiting.peek(); due !== undefined; due = this.#waiting.peek()) {
      if (due.task.state === "waiting" && due.task.sequence === due.sequence && due.task.dueAt === due.dueAt)
        return due.task;
      this.#waiting.pop();
    }
    return undefined;
  }

  counts(topic: string): Readonly<Record<TaskState, number>> {
    return { ...(this.#counts.get(topic) ?? noTasks()) };
  }

  /** The topics that have tasks. */
  topics(): string[] {
    const withTasks = [...this.#counts].filter(([, counts]) => Object.values(counts).some((count) => count > 0));
    return withTasks.map(([topic]) => topic);
  }

  /** How many tasks are ready or waiting, by function. */
  queuedByFunction(topic: string): ReadonlyMap<string, number> {
    return this.#queued.get(topic) ?? new Map();
  }

  /** When the ready task that has waited longest in its line joined that. */
  oldestQueuedAt(topic: string): number | undefined {
    return this.#ready.get(topic)?.oldestQueuedAt();
  }

  #guard(task: TaskRecord, event: TransitionEvent): void {
    if (!mayHappen(event, task.state)) throw new Error(`A task that is ${task.state} cannot take the event ${event}.`);
  }

  #enter(task: TaskRecord): void {
    this.#count(task, 1);
    this.memory.add(task);
    switch (task.state) {
      case "ready":
        return entry(this.#ready, task.topic, () => new ReadyLines()).add(task);
      case "waiting":
        return this.#waiting.push({ task, dueAt: task.dueAt, sequence: task.sequence });
      case "running":
        return void entry(this.#running, task.worker, () => new Set()).add(task);
      case "in_dead_letter_queue":
        this.deadLetters.add(task);
        break;
      case "finished":
      case "aborted":
        break;
      default:
        return assertNever(task.state);
    }
    this.ended.add(task);
  }

  #leave(task: TaskRecord): void {
    this.#count(task, -1);
    this.memory.remove(task);
    switch (task.state) {
      case "ready":
        return this.#ready.get(task.topic)?.remove(task);
      case "waiting":
        return;
      case "running": {
        const ofWorker = this.#running.get(task.worker);
        ofWorker?.delete(task);
        if (ofWorker?.size === 0) this.#running.delete(task.worker);
        return;
      }
      case "in_dead_letter_queue":
        this.deadLetters.remove(task);
        break;
      case "finished":
      case "aborted":
        break;
      default:
        return assertNever(task.state);
    }
    this.ended.remove(task);
  }

  #count(task: TaskRecord, by: 1 | -1): void {
    entry(this.#counts, task.topic, noTasks)[task.state] += by;
    if (task.state === "ready" || task.state === "waiting") {
      const queued = entry(this.#queued, task.topic, () => new Map<string, number>());
      const count = (queued.get(task.function) ?? 0) + by;
      if (count === 0) queued.delete(task.function);
      else queued.set(task.function, count);
    }
    if (!countsForCapacity(task)) return;
    const key = lineKey(task.topic, task.priority);
    this.#fresh.set(key, (this.#fresh.get(key) ?? 0) + by);
  }
}

/** One step of a task through its states. */
export interface Transition {
  readonly event: TransitionEvent;
  readonly to: TaskState;
  readonly changes: Partial<TaskChanges>;
}

interface Due {
  readonly task: TaskRecord;
  readonly dueAt: number;
  readonly sequence: number;
}

function noTasks(): Record<TaskState, number> {
  return { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
}

function lineKey(topic: string, priority: number): string {
  return `${priority} ${topic}`;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
