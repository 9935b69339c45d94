import type { WorkerRecord, WorkerRow } from "../port.ts";

/** The rows of the workers that are thought to run. */
export class Workers {
  readonly #rows = new Map<string, WorkerRow>();
  /** What each of them offers: functions by topic. */
  readonly #offers = new Map<string, Map<string, Set<string>>>();

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

  /** Removes its row, and what it offers. */
  remove(id: string): undefined {
    this.#rows.delete(id);
    this.#offers.delete(id);
  }

  /** A worker offers functions of a topic from now on; one without a row offers nothing. */
  offer(id: string, topic: string, functions: Iterable<string>): void {
    if (!this.#rows.has(id)) return;
    const offers = this.#offers.get(id) ?? new Map<string, Set<string>>();
    this.#offers.set(id, offers);
    offers.set(topic, new Set([...(offers.get(topic) ?? []), ...functions]));
  }

  /** What a worker offers: functions by topic. */
  offersOf(id: string): Iterable<readonly [topic: string, functions: ReadonlySet<string>]> {
    return this.#offers.get(id) ?? [];
  }

  /** Whether any worker offers the function; where none is named, any function of the topic. */
  isOffered(topic: string, name?: string): boolean {
    return this.#offers.values().some((offers) => {
      const functions = offers.get(topic);
      return name === undefined ? functions !== undefined && functions.size > 0 : functions?.has(name) === true;
    });
  }

  list(): WorkerRow[] {
    return [...this.#rows.values()];
  }
}
