import { Stage3Error, type ErrorCode } from "../../src/core/errors.ts";
import type { ClientRequest, HistoryEvent } from "../history/events.ts";
import { randomBehaviour } from "./behaviour.ts";
import type { Chance } from "./chance.ts";
import { type Enqueue, type EnqueueCall, KeyedEnqueues, toEnqueuedTask } from "./keyed-enqueues.ts";
import type { SimulatedWorker } from "./simulated-worker.ts";
import type { World } from "./world.ts";

/** Codes that say that nothing was done. After any other it may have been. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "QUEUE_FULL",
  "IDEMPOTENCY_CONFLICT",
  "TOPIC_NOT_FOUND",
  "FUNCTION_NOT_FOUND",
  "TASK_NOT_FOUND",
  "TASK_ABORTED",
  "TASK_FAILED",
  "TASK_TIMEOUT",
  "TASK_EXITED",
  "TASK_KILLED",
  "TASK_UNREADABLE",
  "WORKER_DIED",
]);

interface OpenCall {
  readonly worker: SimulatedWorker;
  /** What it enqueues, if anything. */
  readonly enqueue: EnqueueCall | undefined;
}

/** Calls the brokers of the workers at random, and notes every call and answer. */
export class Client {
  readonly #chance: Chance;
  readonly #world: World;
  readonly #record: (event: HistoryEvent) => void;
  readonly #keyed: KeyedEnqueues;
  readonly #ids: string[] = [];
  readonly #open = new Map<number, OpenCall>();
  #calls = 0;

  constructor(chance: Chance, world: World, record: (event: HistoryEvent) => void) {
    this.#chance = chance;
    this.#world = world;
    this.#record = record;
    this.#keyed = new KeyedEnqueues(chance);
  }

  /** The ids that were answered. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  get isWaiting(): boolean {
    return this.#open.size > 0;
  }

  /** One random call, or one in doubt again. */
  call(worker: SimulatedWorker): void {
    const again = this.#keyed.again();
    if (again !== undefined) return this.#enqueue(worker, again);
    const kind = this.#chance.happens(0.6) ? "enqueue" : this.#chance.pick(["enqueueMany", "task", "task"]);
    if (kind !== "task") return this.#enqueue(worker, this.#newCall(kind));
    if (this.#ids.length > 0) this.#ofTask(worker);
  }

  /** The worker has died: what it was asked will not be answered. */
  died(worker: SimulatedWorker): void {
    for (const [call, asked] of this.#open)
      if (asked.worker === worker) this.#answered(call, { outcome: "unknown", code: "DIED" });
  }

  #newCall(method: EnqueueCall["method"]): EnqueueCall {
    const topic = this.#chance.pick([...this.#world.queues.keys()]);
    const next = (): Enqueue => this.#keyed.instead(this.#newEnqueue(topic));
    if (method === "enqueue") return { method, enqueues: [next()] };
    return { method, topic, enqueues: Array.from({ length: this.#chance.whole(1, 5) }, next) };
  }

  #newEnqueue(topic: string): Enqueue {
    const chance = this.#chance;
    return {
      topic,
      function: chance.pick(this.#world.functions).name,
      args: [randomBehaviour(chance, this.#world.habits)],
      options: {
        priority: chance.pick([1, 5, 10, 10]),
        ...(chance.happens(0.2) ? { maxRestarts: chance.whole(0, 2) } : {}),
      },
    };
  }

  #enqueue(worker: SimulatedWorker, call: EnqueueCall): void {
    const { broker } = worker;
    if (call.method === "enqueue") {
      const [enqueue] = call.enqueues;
      const { topic, function: name, args, options } = enqueue;
      return this.#send({ worker, enqueue: call }, { method: "enqueue", task: toEnqueuedTask(enqueue) }, async () => {
        const id = await broker.enqueue(topic, name, args, options);
        this.#ids.push(id);
        return id;
      });
    }
    const { topic, enqueues } = call;
    const entries = enqueues.map(({ function: name, args, options }) => [name, args, options] as const);
    this.#send({ worker, enqueue: call }, { method: "enqueueMany", tasks: enqueues.map(toEnqueuedTask) }, async () => {
      const ids = await broker.enqueueMany(topic, entries);
      this.#ids.push(...ids);
      return [...ids];
    });
  }

  #ofTask(worker: SimulatedWorker): void {
    const { broker } = worker;
    const method = this.#chance.pick(["status", "status", "result", ...this.#world.calls]);
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
    this.#send({ worker, enqueue: undefined }, { method, id }, calls[method]);
  }

  #send(open: OpenCall, request: ClientRequest, call: () => Promise<unknown>): void {
    const number = ++this.#calls;
    this.#record({ kind: "invoked", call: number, worker: open.worker.name, request });
    this.#open.set(number, open);
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
    const open = this.#open.get(call);
    if (!this.#open.delete(call)) return;
    this.#record({ kind: "answered", call, ...answer });
    if (answer.outcome === "unknown" && open?.enqueue !== undefined) this.#keyed.doubt(open.enqueue);
  }
}
