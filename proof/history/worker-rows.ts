import type { OperationResults, RescueOperation } from "../../src/storage/port.ts";
import type { LedgerTasks } from "./ledger-tasks.ts";
import { restartsLeft } from "./ledger-task.ts";
import type { Accuse } from "./rules.ts";

/** The rows of workers, and what becomes of the tasks of one that is gone. */
export class WorkerRows {
  readonly #tasks: LedgerTasks;
  readonly #accuse: Accuse;
  /** By worker: its heartbeat. */
  readonly #heartbeats = new Map<string, number>();
  /** Those whose rescue has begun. */
  readonly #condemned = new Set<string>();

  constructor(tasks: LedgerTasks, accuse: Accuse) {
    this.#tasks = tasks;
    this.#accuse = accuse;
  }

  /** Whether it holds a lease: it has a row, and nobody has begun to rescue it. */
  isAlive(worker: string): boolean {
    return this.#heartbeats.has(worker) && !this.#condemned.has(worker);
  }

  registered(worker: string, heartbeat: number): void {
    this.#heartbeats.set(worker, heartbeat);
    this.#condemned.delete(worker);
  }

  /** It was told that it holds its lease. */
  beat(worker: string): void {
    if (!this.isAlive(worker)) this.#accuse("rescue", `${worker} renewed its lease, though its tasks are taken over`);
    this.#heartbeats.set(worker, (this.#heartbeats.get(worker) ?? 0) + 1);
  }

  removed(worker: string): void {
    this.#heartbeats.delete(worker);
    this.#condemned.delete(worker);
  }

  rescued(
    { worker, heartbeat, limit }: RescueOperation,
    { rescued, done }: OperationResults["rescue"],
    now: number,
  ): void {
    if (!this.#condemned.has(worker) && this.#heartbeats.get(worker) !== heartbeat) {
      if (rescued > 0) this.#accuse("rescue", `${worker} lives, and its tasks were taken over`);
      return;
    }
    this.#condemned.add(worker);
    const running = this.#tasks.places.runningOf(worker).slice(0, limit);
    if (running.length !== rescued)
      this.#accuse("rescue", `${rescued} of ${running.length} tasks of ${worker} were rescued`);
    for (const task of running) {
      if (task.abortRequested) {
        this.#tasks.end(task, "rescue", { state: "aborted", now });
        continue;
      }
      task.failures += 1;
      if (restartsLeft(task)) {
        task.place = this.#tasks.nextPlace();
        this.#tasks.move(task.id, "rescue", "ready");
      } else this.#tasks.bury(task, now);
    }
    if (done) this.removed(worker);
  }
}
