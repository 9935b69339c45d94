import type { Clock } from "../core/clock.ts";
import { type Storage, StorageBusy } from "../storage/port.ts";
import type { EndWaits } from "./end-waits.ts";
import { repeat, type Repeating } from "./repeat.ts";

/** How often it is asked whether another process has changed the database. */
const WATCH_MS = 20;

export interface ChangeWatchParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ends: EndWaits;
  /** The storage cannot be read for another reason than a lock. */
  readonly foundAway: (error: Error) => void;
}

/**
 * Notices what other processes change in the database, while a worker runs here or somebody waits for a task's end. It
 * costs one read of SQLite's own counter of changes; a storage that nobody shares is not asked at all.
 */
export class ChangeWatch {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ends: EndWaits;
  readonly #foundAway: (error: Error) => void;
  /** Told of each change, while a worker runs. */
  #changed: (() => Promise<void>) | undefined;
  #repeating: Repeating | undefined;
  /** A change that was seen, but not yet looked into without an error. */
  #unread = false;

  constructor(parts: ChangeWatchParts) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#ends = parts.ends;
    this.#foundAway = parts.foundAway;
  }

  /** From now on `changed` is called after each change by another process. */
  tell(changed: () => Promise<void>): void {
    this.#changed = changed;
    this.wake();
  }

  /** Somebody has begun to wait for an end. */
  wake(): void {
    if (!this.#storage.isShared) return;
    this.#repeating ??= repeat(this.#clock, WATCH_MS, () => this.#look());
  }

  /** A change by this process could not be looked into. */
  lookAgain(): void {
    this.#unread = true;
  }

  async stop(): Promise<void> {
    await this.#repeating?.stop();
  }

  async #look(): Promise<void> {
    if (this.#changed === undefined && this.#ends.isEmpty) {
      void this.#repeating?.stop();
      this.#repeating = undefined;
      return;
    }
    try {
      this.#unread ||= await this.#storage.changedElsewhere();
      if (!this.#unread) return;
      await this.#ends.check();
      await this.#changed?.();
      this.#unread = false;
    } catch (error) {
      // The change stays unread until a look succeeds.
      if (!(error instanceof StorageBusy)) this.#foundAway(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
