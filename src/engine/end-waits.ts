import { hasEnded, type TaskState } from "../core/transitions.ts";
import type { Storage } from "../storage/port.ts";

/** A wait for the end of one task. */
export interface EndWait {
  /** Resolves when the task may have ended; rejects when the Engine stops. */
  readonly ended: Promise<void>;
  /** Gives the wait up. */
  close(): void;
}

/**
 * Who waits for the end of which task. An end that is recorded in this process is told; one that another process
 * records is looked up whenever the database has changed there.
 */
export class EndWaits {
  readonly #storage: Storage;
  readonly #waiting = new Map<string, Set<PromiseWithResolvers<void>>>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Waits from now on: what ended before is for the caller to look up. */
  open(id: string): EndWait {
    const wait = Promise.withResolvers<void>();
    // Whoever waits may still be looking the task up when the Engine stops.
    wait.promise.catch(() => undefined);
    const ofTask = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, ofTask.add(wait));
    return { ended: wait.promise, close: () => this.#close(id, wait) };
  }

  /** A task is in this state now. */
  told(id: string, state: TaskState): void {
    if (hasEnded(state)) this.#resolve(id);
  }

  /** Looks all of them up: somebody else has changed the database, or many tasks at once. */
  async check(): Promise<void> {
    for (const id of Array.from(this.#waiting.keys())) {
      const state = await this.#storage.state(id);
      if (state === undefined || hasEnded(state)) this.#resolve(id);
    }
  }

  /** Ends all waits with an error. */
  reject(error: Error): void {
    for (const id of Array.from(this.#waiting.keys())) for (const { reject } of this.#take(id)) reject(error);
  }

  #resolve(id: string): void {
    for (const { resolve } of this.#take(id)) resolve();
  }

  #close(id: string, wait: PromiseWithResolvers<void>): void {
    const ofTask = this.#waiting.get(id);
    ofTask?.delete(wait);
    if (ofTask?.size === 0) this.#waiting.delete(id);
  }

  #take(id: string): Iterable<PromiseWithResolvers<void>> {
    const ofTask = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    return ofTask;
  }
}
