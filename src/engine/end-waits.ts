import { hasEnded, type TaskState } from "../core/transitions.ts";
import type { Storage } from "../storage/port.ts";

/** Waits for the end of tasks that run in some other process: looked up whenever the database has changed there. */
export class EndWaits {
  readonly #storage: Storage;
  readonly #waiting = new Map<string, Set<Waiting>>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves with the state that a task ended in; undefined: there is no such task any more. */
  wait(id: string): Promise<TaskState | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      waiting.add({ resolve, reject });
      this.#waiting.set(id, waiting);
    });
  }

  /** Answers those whose task has ended. */
  async check(): Promise<void> {
    for (const id of Array.from(this.#waiting.keys())) {
      const state = await this.#storage.state(id);
      if (state !== undefined && !hasEnded(state)) continue;
      for (const { resolve } of this.#take(id)) resolve(state);
    }
  }

  /** Ends all waits with an error. */
  reject(error: Error): void {
    for (const id of Array.from(this.#waiting.keys())) for (const { reject } of this.#take(id)) reject(error);
  }

  #take(id: string): Iterable<Waiting> {
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    return waiting;
  }
}

interface Waiting {
  readonly resolve: (state: TaskState | undefined) => void;
  readonly reject: (error: Error) => void;
}
