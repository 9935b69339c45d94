import type { OperationResults, RescueOperation } from "../../storage/port.ts";
import type { LedgerTasks } from "./ledger-tasks.ts";
import { restartsLeft } from "./ledger-task.ts";
import type { Accuse } from "./rules.ts";

/** The rows of workers, and what becomes of the tasks of one that is gone. */
export class WorkerRows {
  readonly #tasks: LedgerTasks;
  readonly #accuse: Accuse;
  /** By worker: its heartbeat. */
  readonly #heartbeats = new Map<string, number>();

  constructor(tasks: LedgerTasks, accuse: Accuse) {
    this.#tasks = tasks;
    this.#accuse = accuse;
  }

  has(worker: string): boolean {
    return this.#heartbeats.has(worker);
  }

  registered(worker: string, heartbeat: number): void {
    this.#heartbeats.set(worker, heartbeat);
  }

  beat(worker: string): void {
    this.#heartbeats.set(worker, (this.#heartbeats.get(worker) ?? 0) + 1);
  }

  removed(worker: string): void {
    this.#heartbeats.delete(worker);
  }

  rescued(
    { worker, heartbeat, limit }: RescueOperation,
    { rescued, done }: OperationResults["rescue"],
    now: number,
  ): void {
    if (this.#heartbeats.get(worker) !== heartbeat) {
      if (rescued > 0) this.#accuse("rescue", `${worker} lives, and its tasks were taken over`);
      return;
    }
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
    if (done) this.#heartbeats.delete(worker);
  }
}
