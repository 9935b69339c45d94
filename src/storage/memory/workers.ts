import type { WorkerRecord } from "../port.ts";

/** The rows of the workers that are thought to run. */
export class Workers {
  readonly #rows = new Map<string, WorkerRecord>();

  register(worker: WorkerRecord): undefined {
    this.#rows.set(worker.id, worker);
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Its heartbeat number, or undefined where the worker has no row. */
  heartbeatOf(id: string): number | undefined {
    return this.#rows.get(id)?.heartbeat;
  }

  beat(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    this.#rows.set(id, { ...row, heartbeat: row.heartbeat + 1 });
    return true;
  }

  remove(id: string): undefined {
    this.#rows.delete(id);
  }

  list(): WorkerRecord[] {
    return [...this.#rows.values()];
  }
}
