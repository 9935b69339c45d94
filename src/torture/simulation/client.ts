import { Stage3Error, type ErrorCode } from "../../core/errors.ts";
import type { TaskOptions } from "../../core/policy.ts";
import type { ClientRequest, EnqueuedTask, HistoryEvent } from "../history/events.ts";
import { randomBehaviour } from "./behaviour.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedWorker } from "./simulated-worker.ts";
import type { World } from "./world.ts";

/** Codes that say that nothing was done. After any other it may have been. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "QUEUE_FULL",
  "TOPIC_NOT_FOUND",
  "FUNCTION_NOT_FOUND",
  "TASK_NOT_FOUND",
  "TASK_ABORTED",
  "TASK_FAILED",
  "TASK_TIMEOUT",
  "TASK_EXITED",
  "TASK_KILLED",
  "WORKER_DIED",
]);

/** Calls the brokers of the workers at random, and notes every call and answer. */
export class Client {
  readonly #chance: Chance;
  readonly #world: World;
  readonly #record: (event: HistoryEvent) => void;
  readonly #ids: string[] = [];
  readonly #open = new Map<number, SimulatedWorker>();
  #calls = 0;

  constructor(chance: Chance, world: World, record: (event: HistoryEvent) => void) {
    this.#chance = chance;
    this.#world = world;
    this.#record = record;
  }

  /** The ids that were answered. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  get isWaiting(): boolean {
    return this.#open.size > 0;
  }

  /** One random call. */
  call(worker: SimulatedWorker): void {
    const kind = this.#chance.happens(0.6) ? "enqueue" : this.#chance.pick(["enqueueMany", "task", "task"]);
    if (kind === "enqueue") return this.#enqueue(worker);
    if (kind === "enqueueMany") return this.#enqueueMany(worker);
    if (this.#ids.length > 0) this.#ofTask(worker);
  }

  /** The worker has died: what it was asked will not be answered. */
  died(worker: SimulatedWorker): void {
    for (const [call, asked] of this.#open)
      if (asked === worker) this.#answered(call, { outcome: "unknown", code: "DIED" });
  }

  #enqueue(worker: SimulatedWorker): void {
    const [task, args, options] = this.#newTask();
    this.#send(worker, { method: "enqueue", task }, async () => {
      const id = await worker.broker.enqueue(task.topic, task.function, args, options);
      this.#ids.push(id);
      return id;
    });
  }

  #enqueueMany(worker: SimulatedWorker): void {
    const entries = Array.from({ length: this.#chance.whole(1, 5) }, () => this.#newTask());
    const topic = entries[0]?.[0].topic ?? "";
    const tasks = entries.map(([task]) => ({ ...task, topic }));
    this.#send(worker, { method: "enqueueMany", tasks }, async () => {
      const ids = await worker.broker.enqueueMany(
        topic,
        entries.map(([task, args, options]) => [task.function, args, options] as const),
      );
      this.#ids.push(...ids);
      return [...ids];
    });
  }

  #ofTask(worker: SimulatedWorker): void {
    const { broker } = worker;
    const method = this.#chance.pick(["abort", "abort", "status", "status", "requeue", "discard", "result"]);
    // Mostly one that may not have ended yet.
    const recent = this.#ids.slice(-20);
    const id = this.#chance.pick(this.#chance.happens(0.8) ? recent : this.#ids);
    const calls = {
      abort: () => broker.abort(id),
      status: () => broker.status(id),
      requeue: () => broker.dlq.requeue(id),
      discard: () => broker.dlq.discard(id),
      result: () => broker.result(id, { timeout: 20_000 }),
    };
    this.#send(worker, { method, id }, calls[method]);
  }

  #newTask(): [EnqueuedTask, unknown[], TaskOptions] {
    const chance = this.#chance;
    const priority = chance.pick([1, 5, 10, 10]);
    const task = {
      topic: chance.pick([...this.#world.queues.keys()]),
      function: chance.pick(this.#world.functions).name,
      priority,
    };
    const options = { priority, ...(chance.happens(0.2) ? { maxRestarts: chance.whole(0, 2) } : {}) };
    return [task, [randomBehaviour(chance, this.#world.hasDeadlyTasks)], options];
  }

  #send(worker: SimulatedWorker, request: ClientRequest, call: () => Promise<unknown>): void {
    const number = ++this.#calls;
    this.#record({ kind: "invoked", call: number, worker: worker.name, request });
    this.#open.set(number, worker);
    call().then(
      (value) => this.#answered(number, { outcome: "ok", value }),
      (error: unknown) => {
        const code = error instanceof Stage3Error ? error.code : undefined;
        const outcome = code !== undefined && REFUSALS.has(code) ? "fail" : "unknown";
        this.#answered(number, { outcome, code: code ?? String(error) });
      },
    );
  }

  #answered(
    call: number,
    answer: { outcome: "ok"; value: unknown } | { outcome: "fail" | "unknown"; code: string },
  ): void {
    if (!this.#open.delete(call)) return;
    this.#record({ kind: "answered", call, ...answer });
  }
}
