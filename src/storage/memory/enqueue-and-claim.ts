import { enqueueAll } from "../enqueue-all.ts";
import type { FreeSlots } from "../free-slots.ts";
import { repeatOf } from "../known-keys.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { ClaimedTask, ClaimOperation, EnqueueManyResult, EnqueueResult, NewTask } from "../port.ts";
import type { IdempotencyKeys } from "./idempotency-keys.ts";
import { bytesOfNew } from "./memory-use.ts";
import { toClaimedTask, type TaskRecord } from "./task-record.ts";
import type { TaskTable } from "./task-table.ts";
import type { Workers } from "./workers.ts";

/** What enqueues and claims of one turn share. */
export interface StartingPoint {
  readonly table: TaskTable;
  readonly workers: Workers;
  readonly keys: IdempotencyKeys;
  readonly now: number;
  /** By topic: how many slots the claims of this turn have left free. */
  readonly freeSlots: FreeSlots;
}

export function enqueue(at: StartingPoint, operation: NewTask): EnqueueResult {
  requirePriority(operation.priority);
  return repeatOf(operation, (key) => at.keys.find(key, at.now)) ?? store(at, operation);
}

/** As {@link enqueue}, of a task whose idempotency key is new. */
function store(at: StartingPoint, operation: NewTask): EnqueueResult {
  const result = place(at, operation);
  if (result.kind !== "full") at.table.memory.keys(at.keys.keep(operation, at.now));
  return result;
}

function place(at: StartingPoint, operation: NewTask): EnqueueResult {
  const { id, topic, priority, start } = operation;
  if (at.table.get(id) !== undefined) return { kind: "stored" };
  const starts = start !== undefined && at.freeSlots.has(topic, start.worker);
  if (!starts && at.table.waitingForFirstStart(topic, priority) >= operation.maxQueueLen) return { kind: "full" };
  const memory = at.table.memory.shortOf(bytesOfNew(operation));
  if (memory !== undefined) return { kind: "full", memory };
  if (!starts) {
    at.table.insert(newRecord(at, operation));
    return { kind: "stored" };
  }
  at.freeSlots.take(topic, start.worker);
  const task = newRecord(at, operation);
  at.table.insert(task);
  return { kind: "claimed", task: take(at, task, start) };
}

export function enqueueMany(at: StartingPoint, tasks: readonly NewTask[]): EnqueueManyResult {
  return enqueueAll(tasks, {
    freeSlots: at.freeSlots,
    findKey: (key) => at.keys.find(key, at.now),
    isStored: (id) => at.table.get(id) !== undefined,
    waiting: (topic, priority) => at.table.waitingForFirstStart(topic, priority),
    requireStorable: (task) => requirePriority(task.priority),
    shortOfMemory: (bytes) => at.table.memory.shortOf(bytes),
    bytesOf: bytesOfNew,
    store: (task) => store(at, task),
  });
}

export function claim(at: StartingPoint, operation: ClaimOperation): ClaimedTask[] {
  const { topic, worker, limit, functions } = operation;
  requireLease(at.workers, worker);
  const tasks = at.table.takeReady(topic, limit, functions);
  at.freeSlots.leave(topic, worker, limit - tasks.length);
  return tasks.map((task) => take(at, task, { worker, maxRestarts: functions.get(task.function)?.maxRestarts ?? 0 }));
}

function requirePriority(priority: number): void {
  if (Number.isInteger(priority) && priority >= 1 && priority <= 10) return;
  throw new Stage3Error("INVALID_PRIORITY", "A priority is a whole number from 1 (the most urgent) to 10.");
}

/** A worker without a row has been rescued: what it took now, nobody would rescue. One that is condemned is to stop. */
function requireLease(workers: Workers, worker: string): void {
  if (workers.isAlive(worker)) return;
  throw new Stage3Error("LEASE_LOST", "Another worker took this one for dead and rescued its tasks; register it anew.");
}

function take(at: StartingPoint, task: TaskRecord, by: { worker: string; maxRestarts: number }): ClaimedTask {
  const maxRestarts = task.options.maxRestarts ?? by.maxRestarts;
  at.table.change(task, {
    event: "claim",
    to: "running",
    changes: {
      attempt: task.attempt + 1,
      epoch: task.epoch + 1,
      worker: by.worker,
      resolvedMaxRestarts: maxRestarts,
      startedAt: at.now,
    },
  });
  return toClaimedTask(task, maxRestarts);
}

function newRecord({ table, now }: StartingPoint, operation: NewTask): TaskRecord {
  return {
    id: operation.id,
    topic: operation.topic,
    function: operation.function,
    args: operation.args,
    priority: operation.priority,
    options: operation.options,
    state: "ready",
    sequence: table.nextSequence(),
    queuedAt: now,
    attempt: 0,
    epoch: 0,
    requeued: false,
    abortRequested: false,
    dueAt: 0,
    worker: "",
    resolvedMaxRestarts: undefined,
    enqueuedAt: now,
    startedAt: undefined,
    endedAt: undefined,
    result: undefined,
    progress: undefined,
    failures: [],
    failureCount: 0,
    bytes: 0,
  };
}
