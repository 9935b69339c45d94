import { hasEnded, type TaskState } from "../core/transitions.ts";
import type { Storage, TaskChange } from "../storage/port.ts";
import type { ChangeSubscriber } from "./change-hub.ts";
import type { Watching } from "./duties/watching.ts";

/** A wait for the end of one task. */
export interface EndWait {
  /** Resolves when the task may have ended; rejects when the Engine stops. */
  readonly ended: Promise<void>;
  /** Gives the wait up. */
  close(): void;
}

/**
 * Who waits for the end of which task. An end that this Engine records is told; one that another process records is
 * looked up whenever the database has changed there, which is watched for as long as somebody waits.
 */
export class EndWaits implements ChangeSubscriber {
  readonly #storage: Storage;
  readonly #watching: Watching;
  readonly #waiting = new Map<string, Set<PromiseWithResolvers<void>>>();

  constructor(parts: { storage: Storage; watching: Watching }) {
    this.#storage = parts.storage;
    this.#watching = parts.watching;
  }

  /** Waits from now on: what ended before is for the caller to look up. */
  open(id: string): EndWait {
    const wait = Promise.withResolvers<void>();
    // Whoever waits may still be looking the task up when the Engine stops.
    wait.promise.catch(() => undefined);
    const ofTask = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, ofTask.add(wait));
    this.#watching.start();
    const close = (): void => {
      this.#close(id, wait);
      this.#watching.stop();
    };
    return { ended: wait.promise, close };
  }

  changed(changes: readonly TaskChange[]): void {
    if (this.#waiting.size === 0) return;
    for (const { task, to } of changes) if (isOver(to)) this.#resolve(task);
  }

  /** Looks all of them up at once. */
  async look(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const ids = [...this.#waiting.keys()];
    const states = await this.#storage.states(ids);
    for (const id of ids) if (isOver(states.get(id))) this.#resolve(id);
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

/** Whether it has ended, or is not there (any more). */
function isOver(state: TaskState | undefined): boolean {
  return state === undefined || hasEnded(state);
}
