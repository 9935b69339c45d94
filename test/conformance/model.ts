import { assertNever } from "../../src/core/errors.ts";
import { TRANSITIONS, type TaskState, type TransitionEvent } from "../../src/core/transitions.ts";
import { ModelKeys, type ModelRepeat } from "./model-keys.ts";
import { ModelRegistry } from "./model-registry.ts";
import { expiredOf, isExpired, lineOf, waitingFor } from "./model-lines.ts";
import { fail, type ModelTask, move, newModelTask } from "./model-task.ts";
import type { DisclaimOperation, NewTask, Operation, SettleOperation } from "../../src/storage/port.ts";

type ModelEnqueued = { kind: "stored" | "full" } | { kind: "claimed"; task: unknown } | ModelRepeat;

/**
 * What a storage is to do, in the plainest way: an array that is searched and sorted. The table of transitions judges
 * each step, here as in the storages.
 */
export class Model {
  readonly tasks: ModelTask[] = [];
  /** By worker: its heartbeat. */
  readonly workers = new Map<string, number>();
  readonly condemned = new Set<string>();
  readonly registry = new ModelRegistry();
  #place = 0;
  #freeSlots = new Map<string, number>();
  #keys = new ModelKeys();

  /** To be called at the start of each turn. */
  beginTurn(): void {
    this.#freeSlots = new Map();
  }

  find(id: string): ModelTask | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  inState(state: TaskState): ModelTask[] {
    return this.tasks.filter((task) => task.state === state).toSorted((a, b) => a.place - b.place);
  }

  /** The outcome as the storage is to answer it, in short: see `abridge`. */
  apply(operation: Operation, now: number): unknown {
    switch (operation.kind) {
      case "enqueue":
        return this.#enqueue(operation, now);
      case "enqueueMany":
        return this.#enqueueMany(operation, now);
      case "claim":
        return this.#claim(operation, now);
      case "settle":
        return this.#settle(operation, now);
      case "disclaim":
        return this.#disclaim(operation, now);
      case "progress": {
        const task = this.#current(operation);
        if (task !== undefined) task.progress = operation.progress;
        return task !== undefined;
      }
      case "abort":
        return this.#abort(operation.id, now);
      case "requeue": {
        const task = this.find(operation.id);
        if (task?.state !== "in_dead_letter_queue") return undefined;
        Object.assign(task, { attempt: 0, requeued: true, endedAt: undefined, place: ++this.#place, queuedAt: now });
        move(task, "requeue", "ready");
        return { topic: task.topic };
      }
      case "discard": {
        const task = this.find(operation.id);
        if (task?.state !== "in_dead_letter_queue") return false;
        this.#remove(task, "discard");
        return true;
      }
      case "promote":
        return this.#promote(operation.limit, now);
      case "registerWorker":
        this.workers.set(operation.worker.id, operation.worker.heartbeat);
        this.condemned.delete(operation.worker.id);
        return undefined;
      case "heartbeat": {
        const beat = this.condemned.has(operation.worker) ? undefined : this.workers.get(operation.worker);
        if (beat !== undefined) this.workers.set(operation.worker, beat + 1);
        return beat !== undefined;
      }
      case "rescue":
        return this.#rescue(operation, now);
      case "removeWorker":
        this.#removeWorker(operation.worker);
        return undefined;
      case "prune": {
        const old = this.inState(operation.state).filter(
          ({ topic, endedAt }) => operation.topics.includes(topic) && (endedAt ?? Infinity) < operation.endedBefore,
        );
        for (const task of old) this.#remove(task, "prune");
        return { removed: old.length, more: false };
      }
      case "pruneKeys":
        return this.#keys.prune(now);
      case "registerTopic":
      case "renewOffers":
        return this.registry.apply(operation, { hasRow: this.workers.has(operation.worker), now });
      case "probe":
        return undefined;
      default:
        return assertNever(operation);
    }
  }

  /** A key of another's is found before any place is looked for. */
  #enqueueMany({ tasks }: Operation & { kind: "enqueueMany" }, now: number): unknown {
    const unlimited = tasks.map((task) => ({ ...task, maxQueueLen: Infinity }));
    const restore = this.#snapshot();
    const conflict = unlimited.findIndex((task) => this.#enqueue(task, now).kind === "conflict");
    restore();
    if (conflict !== -1) return { kind: "conflict", index: conflict };
    const claimed: unknown[] = [];
    const repeated: unknown[] = [];
    for (const [index, task] of tasks.entries()) {
      const result = this.#enqueue(task, now);
      if (result.kind === "full") {
        restore();
        return { kind: "full", index };
      }
      if (result.kind === "claimed") claimed.push(result.task);
      if (result.kind === "repeated") repeated.push({ index, id: result.id });
    }
    return { kind: "stored", claimed, repeated };
  }

  /** What takes back the tasks that were enqueued since. */
  #snapshot(): () => void {
    const { length } = this.tasks;
    const [slots, keys, place] = [this.#freeSlots, this.#keys, this.#place];
    const restore = (): void => {
      this.tasks.splice(length);
      [this.#freeSlots, this.#keys, this.#place] = [new Map(slots), keys.copy(), place];
    };
    restore(); // from here on, all are copies
    return restore;
  }

  #enqueue(operation: NewTask, now: number): ModelEnqueued {
    const repeat = this.#keys.repeatOf(operation, now);
    if (repeat !== undefined) return repeat;
    const result = this.#store(operation, now);
    if (result.kind !== "full") this.#keys.keep(operation, now);
    return result;
  }

  #store(operation: NewTask, now: number): ModelEnqueued {
    const { id, topic, start } = operation;
    if (this.find(id) !== undefined) return { kind: "stored" };
    const slots = JSON.stringify([topic, start?.worker]);
    const free = this.#freeSlots.get(slots) ?? 0;
    const isDelayed = operation.runAt !== undefined && operation.runAt > now;
    const starts = !isDelayed && start !== undefined && free > 0;
    const waiting = waitingFor(this.inState("ready"), operation);
    if (!starts && !isDelayed && waiting >= operation.maxQueueLen) return { kind: "full" };
    const task = newModelTask(operation, { place: ++this.#place, now });
    if (isDelayed) Object.assign(task, { state: "waiting", dueAt: operation.runAt });
    this.tasks.push(task);
    if (!starts) return { kind: "stored" };
    this.#freeSlots.set(slots, free - 1);
    return { kind: "claimed", task: this.#start(task, start) };
  }

  #claim({ topic, worker, limit, functions }: Operation & { kind: "claim" }, now: number): unknown {
    if (!this.workers.has(worker) || this.condemned.has(worker)) return "LEASE_LOST";
    const line = lineOf(this.inState("ready"), topic, functions);
    const taken: ModelTask[] = [];
    for (const task of line) {
      if (taken.length >= limit) break;
      if (isExpired(task, now)) this.#expire(task, now);
      else taken.push(task);
    }
    const slots = JSON.stringify([topic, worker]);
    this.#freeSlots.set(slots, (this.#freeSlots.get(slots) ?? 0) + limit - taken.length);
    return taken.map((task) =>
      this.#start(task, { worker, maxRestarts: functions.get(task.function)?.maxRestarts ?? Number.NaN }),
    );
  }

  #start(task: ModelTask, by: { worker: string; maxRestarts: number }): unknown {
    task.attempt += 1;
    task.epoch += 1;
    task.worker = by.worker;
    task.maxRestarts = task.namedMaxRestarts ?? by.maxRestarts;
    move(task, "claim", "running");
    return { id: task.id, epoch: task.epoch, attempt: task.attempt, maxRestarts: task.maxRestarts };
  }

  #current({ id, epoch }: { id: string; epoch: number }): ModelTask | undefined {
    const task = this.find(id);
    return task?.state === "running" && task.epoch === epoch ? task : undefined;
  }

  #disclaim({ worker, known }: DisclaimOperation, now: number): unknown {
    const isKnown = (task: ModelTask): boolean => known.some(({ id, epoch }) => id === task.id && epoch === task.epoch);
    const unknown = this.inState("running").filter((task) => task.worker === worker && !isKnown(task));
    for (const { id, epoch } of unknown)
      this.#settle({ kind: "settle", id, epoch, outcome: { kind: "giveBack" } }, now);
    return [...new Set(unknown.map(({ topic }) => topic))];
  }

  #settle(operation: SettleOperation, now: number): unknown {
    const task = this.#current(operation);
    if (task === undefined) return { kind: "stale" };
    const { outcome } = operation;
    if (task.abortRequested || outcome.kind === "abort") this.#end(task, "abort", { state: "aborted", now });
    else if (outcome.kind === "finish") this.#end(task, "finish", { state: "finished", now });
    else if (outcome.kind === "giveBack") {
      task.attempt -= 1;
      move(task, "giveBack", "ready");
    } else {
      fail(task, outcome.failure, now);
      if (outcome.kind === "bury") this.#end(task, "bury", { state: "in_dead_letter_queue", now });
      else if (outcome.delayMs > 0) {
        task.dueAt = now + outcome.delayMs;
        move(task, "restart", "waiting");
      } else {
        Object.assign(task, { place: ++this.#place, queuedAt: now });
        move(task, "restart", "ready");
      }
    }
    return { kind: "settled", state: task.state };
  }

  #abort(id: string, now: number): unknown {
    const task = this.find(id);
    if (task === undefined) return { kind: "notFound" };
    if (task.state === "running") {
      task.abortRequested = true;
      return { kind: "requested", worker: task.worker, epoch: task.epoch };
    }
    if (task.state !== "ready" && task.state !== "waiting") return { kind: "ended", state: task.state };
    this.#end(task, "abort", { state: "aborted", now });
    return { kind: "aborted" };
  }

  #expire(task: ModelTask, now: number): void {
    fail(task, { code: "TASK_EXPIRED", message: "It had not started when it expired." }, now);
    this.#end(task, "expire", { state: "aborted", now });
  }

  #promote(limit: number, now: number): unknown {
    const expired = expiredOf(this.tasks, now);
    for (const task of expired.slice(0, limit)) this.#expire(task, now);
    const due = this.inState("waiting")
      .filter((task) => task.dueAt <= now)
      .toSorted((a, b) => a.dueAt - b.dueAt);
    for (const task of due.slice(0, limit)) {
      Object.assign(task, { place: ++this.#place, queuedAt: now });
      move(task, "promote", "ready");
    }
    return {
      topics: [...new Set(due.slice(0, limit).map(({ topic }) => topic))],
      more: due.length > limit || expired.length > limit,
    };
  }

  #rescue({ worker, heartbeat, failure, limit }: Operation & { kind: "rescue" }, now: number): unknown {
    if (!this.workers.has(worker)) return { rescued: 0, done: true };
    if (!this.condemned.has(worker) && this.workers.get(worker) !== heartbeat) return { rescued: 0, done: false };
    this.condemned.add(worker);
    const running = this.inState("running").filter((task) => task.worker === worker);
    for (const task of running.slice(0, limit)) {
      if (task.abortRequested) {
        this.#end(task, "rescue", { state: "aborted", now });
        continue;
      }
      fail(task, failure, now);
      if (task.attempt > task.maxRestarts) this.#end(task, "rescue", { state: "in_dead_letter_queue", now });
      else {
        Object.assign(task, { place: ++this.#place, queuedAt: now });
        move(task, "rescue", "ready");
      }
    }
    const done = running.length <= limit;
    if (done) this.#removeWorker(worker);
    return { rescued: Math.min(running.length, limit), done };
  }

  #removeWorker(worker: string): void {
    this.workers.delete(worker);
    this.condemned.delete(worker);
    this.registry.removed(worker);
  }

  #end(task: ModelTask, event: TransitionEvent, { state, now }: { state: TaskState; now: number }): void {
    task.endedAt = now;
    if (state === "in_dead_letter_queue") task.place = ++this.#place;
    move(task, event, state);
  }

  #remove(task: ModelTask, event: "discard" | "prune"): void {
    const from: readonly TaskState[] = TRANSITIONS[event].from;
    if (!from.includes(task.state)) throw new Error(`The model removes a task that is ${task.state}.`);
    this.tasks.splice(this.tasks.indexOf(task), 1);
  }
}
