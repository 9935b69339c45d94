import type { Clock, Timer } from "../core/clock.ts";
import { StorageBusy, type TaskChange } from "../storage/port.ts";

/** A subscriber to changes. */
export interface ChangeSubscriber {
  /** A turn of this Engine has changed the states of tasks, in this order. */
  changed?(changes: readonly TaskChange[]): void;
  /**
   * Something may have changed, and nobody knows what: whatever matters is to be looked up. Called again a little later
   * where it rejects.
   */
  look?(): Promise<void> | void;
}

/** When those that could not look are asked again. */
const RETRY_MS = 20;

/**
 * Spreads every change. Subscribers get what the turns of this Engine have changed. After a change by another process, or
 * a turn whose answer was lost, they look up what matters to them.
 */
export class ChangeHub {
  readonly #clock: Clock;
  readonly #away: (error: Error) => void;
  readonly #subscribers = new Set<ChangeSubscriber>();
  /** Something may have changed since the last look began that everybody could end. */
  #unread = false;
  #looking: Promise<void> | undefined;
  #next: Timer | undefined;
  #closed = false;

  /** `away` is told where storage cannot be read for another reason than a lock. */
  constructor(parts: { clock: Clock; away: (error: Error) => void }) {
    this.#clock = parts.clock;
    this.#away = parts.away;
  }

  /** They are told in the order in which they have subscribed. */
  subscribe(subscriber: ChangeSubscriber): void {
    this.#subscribers.add(subscriber);
  }

  unsubscribe(subscriber: ChangeSubscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** A turn of this Engine has done this. */
  tell(changes: readonly TaskChange[]): void {
    if (changes.length === 0) return;
    for (const subscriber of this.#subscribers) subscriber.changed?.(changes);
  }

  /** Nobody knows what has changed: everybody looks, once, however often this is called meanwhile. */
  lookAround(): void {
    this.#unread = true;
    if (this.#looking === undefined && this.#next === undefined && !this.#closed) this.#begin();
  }

  /** Resolves when nobody looks any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#next?.cancel();
    await this.#looking;
  }

  #begin(): void {
    this.#next = undefined;
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    const startedAt = this.#clock.monotonic();
    this.#unread = false;
    let restMs = 0;
    for (const subscriber of this.#subscribers) {
      try {
        await subscriber.look?.();
      } catch (error) {
        this.#unread = true;
        restMs = RETRY_MS;
        if (!(error instanceof StorageBusy)) this.#away(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#looking = undefined;
    if (!this.#unread || this.#closed) return;
    // Else many waits and a busy database would leave no time for anything else.
    restMs = Math.max(restMs, this.#clock.monotonic() - startedAt);
    this.#next = this.#clock.setTimer(restMs, () => this.#begin());
  }
}
