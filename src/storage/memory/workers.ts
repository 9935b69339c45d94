import type { WorkerRecord, WorkerRow } from "../port.ts";

/** The rows of the workers that are thought to run. */
export class Workers {
  readonly #rows = new Map<string, WorkerRow>();

  register(worker: WorkerRecord): undefined {
    this.#rows.set(worker.id, { ...worker, isCondemned: false });
  }

  get(id: string): WorkerRow | undefined {
    return this.#rows.get(id);
  }

  /** Whether it holds a lease: it has a row, and nobody has begun to rescue it. */
  isAlive(id: string): boolean {
    return this.#rows.get(id)?.isCondemned === false;
  }

  condemn(row: WorkerRow): void {
    this.#rows.set(row.id, { ...row, isCondemned: true });
  }

  beat(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined || row.isCondemned) return false;
    this.#rows.set(id, { ...row, heartbeat: row.heartbeat + 1 });
    return true;
  }

  remove(id: string): undefined {
    this.#rows.delete(id);
  }

  list(): WorkerRow[] {
    return [...this.#rows.values()];
  }
}
