import type { ClaimedTask } from "../../src/storage/port.ts";

/** The claims of tasks that could not be read: none of them may begin, or be restarted. */
export class UnreadableClaims {
  /** By instance and task: whether its latest claim there could not be read. */
  readonly #latest = new Map<string, boolean>();
  readonly #epochs = new Set<string>();

  /** A worker is named `instance.generation.registration`. */
  claimed(worker: string, tasks: readonly ClaimedTask[]): void {
    const [instance = ""] = worker.split(".");
    for (const { id, epoch, unreadable } of tasks) {
      this.#latest.set(`${instance} ${id}`, unreadable !== undefined);
      if (unreadable !== undefined) this.#epochs.add(`${id} ${epoch}`);
    }
  }

  isLatestOf(instance: string, id: string): boolean {
    return this.#latest.get(`${instance} ${id}`) === true;
  }

  has(id: string, epoch: number): boolean {
    return this.#epochs.has(`${id} ${epoch}`);
  }
}
