import type { ClaimedTask, ClaimOperation, NewTask, OperationResults } from "../../src/storage/port.ts";
import type { LedgerTasks } from "./ledger-tasks.ts";
import type { Accuse } from "./rules.ts";
import type { WorkerRows } from "./worker-rows.ts";

/** What a claim has left to the enqueues that follow in its turn. */
interface Claimed {
  readonly functions: ClaimOperation["functions"];
  freeSlots: number;
}

/** Whoever starts next: the first in the line of those that its worker knows, be it claimed or started as it is stored. */
export class Starts {
  readonly #tasks: LedgerTasks;
  readonly #rows: WorkerRows;
  readonly #accuse: Accuse;
  /** By topic and worker, of the turn that is looked at. */
  #claims = new Map<string, Claimed>();

  constructor(tasks: LedgerTasks, rows: WorkerRows, accuse: Accuse) {
    this.#tasks = tasks;
    this.#rows = rows;
    this.#accuse = accuse;
  }

  /** Another turn: what the claims of the one before have left free is free no longer. */
  turnBegan(): void {
    this.#claims = new Map();
  }

  enqueued(task: NewTask, result: OperationResults["enqueue"]): void {
    if ((result.kind !== "stored" && result.kind !== "claimed") || this.#tasks.get(task.id) !== undefined) return;
    this.#tasks.add(task);
    if (result.kind === "claimed") this.#startedAtOnce(task, result.task);
  }

  enqueuedMany(tasks: readonly NewTask[], result: OperationResults["enqueueMany"]): void {
    if (result.kind !== "stored") return;
    const repeated = new Set(result.repeated.map(({ index }) => index));
    const fresh = tasks.filter((_, index) => !repeated.has(index));
    const [first] = fresh;
    if (first === undefined || this.#tasks.get(first.id) !== undefined) return;
    const claimed = new Map(result.claimed.map((task) => [task.id, task]));
    for (const task of fresh) {
      this.#tasks.add(task);
      const started = claimed.get(task.id);
      if (started !== undefined) this.#startedAtOnce(task, started);
      claimed.delete(task.id);
    }
    for (const id of claimed.keys()) this.#accuse("unexpected", `${id} was started, and is none of those enqueued`);
  }

  claimed({ topic, worker, functions, limit }: ClaimOperation, claimed: readonly ClaimedTask[]): void {
    if (!this.#rows.isAlive(worker)) this.#accuse("rescue", `${worker} has no lease, and claimed`);
    if (claimed.length > limit) this.#accuse("concurrency", `${worker} claimed ${claimed.length} tasks of ${limit}`);
    for (const task of claimed) this.#start(task, worker, { topic, functions });
    this.#claims.set(keyOf(topic, worker), { functions, freeSlots: limit - claimed.length });
  }

  /** As if it was claimed in the slot that a claim of the same turn has left free. */
  #startedAtOnce({ id, topic, start }: NewTask, task: ClaimedTask): void {
    const worker = start?.worker ?? "";
    const claim = this.#claims.get(keyOf(topic, worker));
    if (claim === undefined || claim.freeSlots === 0)
      this.#accuse("concurrency", `${id} was started as it was stored, and ${worker} had no slot left for it`);
    else claim.freeSlots -= 1;
    this.#start(task, worker, { topic, functions: claim?.functions ?? new Set([task.function]) });
  }

  #start(
    claimed: ClaimedTask,
    worker: string,
    from: { topic: string; functions: { has(name: string): boolean } },
  ): void {
    const { id, attempt, epoch, maxRestarts } = claimed;
    const { topic, functions } = from;
    const wanted = this.#tasks.places.nextReady(topic, functions);
    if (wanted !== undefined && wanted.id !== id) {
      const rule = wanted.priority === this.#tasks.get(id)?.priority ? "first in, first out" : "priority";
      this.#accuse(rule, `${id} was claimed, while ${wanted.id} stood before it`);
    }
    if (!functions.has(claimed.function))
      this.#accuse("known functions", `${worker} claimed ${id} of ${claimed.function}`);
    const task = this.#tasks.require(id, "claim");
    if (task === undefined) return;
    this.#tasks.places.leave(task);
    task.worker = worker;
    this.#tasks.move(id, "claim", "running");
    task.attempt += 1;
    task.epoch += 1;
    task.starts += 1;
    if (task.attempt !== attempt || task.epoch !== epoch) {
      this.#accuse(
        "attempts",
        `${id} was claimed as attempt ${attempt} of epoch ${epoch}, not ${task.attempt}/${task.epoch}`,
      );
    }
    task.maxRestarts ??= maxRestarts;
    if (task.maxRestarts !== maxRestarts)
      this.#accuse("attempts", `${id} was claimed with ${maxRestarts} restarts in place of ${task.maxRestarts}`);
    if (task.starts > 1 + task.maxRestarts) this.#accuse("attempts", `${id} was started ${task.starts} times`);
  }
}

/** No topic holds U+0000. */
function keyOf(topic: string, worker: string): string {
  return `${topic}\0${worker}`;
}
