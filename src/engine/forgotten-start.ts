import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { Storage, TaskChange } from "../storage/port.ts";
import type { ChangeSubscriber } from "./change-hub.ts";

const PATIENCE_MS = 10_000;

export interface ForgottenStartParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Whether `start` was called here. */
  readonly isStarted: () => boolean;
  /** Whether a worker here takes tasks of the topic. */
  readonly servesHere: (topic: string) => boolean;
}

/**
 * Notices that nobody runs what is waited for, since a forgotten `start` is seen by nothing but that nothing happens: ten
 * seconds after an enqueue, or after somebody began to wait for a result. Warns once of a topic.
 */
export class ForgottenStart implements ChangeSubscriber {
  readonly #parts: ForgottenStartParts;
  readonly #timers = new Map<string, Timer>();
  readonly #warned = new Set<string>();
  #stopped = false;

  constructor(parts: ForgottenStartParts) {
    this.#parts = parts;
  }

  changed(changes: readonly TaskChange[]): void {
    for (const { topic, from } of changes) if (from === undefined) this.#stored(topic);
  }

  /** Tasks of a topic were stored. */
  #stored(topic: string): void {
    // What is stored while the Engine stops must not keep the process alive.
    if (this.#stopped) return;
    if (this.#parts.servesHere(topic) || this.#warned.has(topic) || this.#timers.has(topic)) return;
    const timer = this.#parts.clock.setTimer(PATIENCE_MS, () => {
      this.#timers.delete(topic);
      void this.#look(topic).catch(ignore);
    });
    this.#timers.set(topic, timer);
  }

  /**
   * Somebody waits for the end of a task. `nobodyCan` is called with an error where only this instance could run it, and
   * is not started by then. To be cancelled once the wait is over.
   */
  awaited(id: string, nobodyCan: (error: Stage3Error) => void): Timer {
    const { clock, storage, isStarted } = this.#parts;
    return clock.setTimer(PATIENCE_MS, () => {
      if (!storage.isShared && !isStarted()) return nobodyCan(notStarted());
      void this.#lookAt(id).catch(ignore);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  async #lookAt(id: string): Promise<void> {
    const task = await this.#parts.storage.get(id);
    if (task?.state === "ready" || task?.state === "waiting") await this.#look(task.topic);
  }

  /** Whether a task of the topic has waited for too long, and nobody takes them. */
  async #look(topic: string): Promise<void> {
    const counts = (await this.#parts.storage.topicCounts()).find((entry) => entry.topic === topic);
    if (counts === undefined || counts.isServed || this.#warned.has(topic)) return;
    if (counts.oldestQueuedAt === undefined) return;
    // It came later than the one that had the timer set.
    if (this.#parts.clock.now() - counts.oldestQueuedAt < PATIENCE_MS) return this.#stored(topic);
    this.#warned.add(topic);
    const message =
      `Tasks of topic ${JSON.stringify(topic)} have waited for 10 s, and no worker that runs takes them. Call start() on ` +
      "an instance that has tasks for this topic, here or in another process, or run: stage3queue start";
    this.#parts.emit({ name: "warning", code: "NO_WORKER", message });
  }
}

function notStarted(): Stage3Error {
  return new Stage3Error(
    "INVALID_OPTION",
    "This instance was not started, and its tasks are in its memory, where nobody else can run them: their results will " +
      "never come. Call start() first.",
  );
}

/** For a storage that is away, which its calls report. */
function ignore(): void {}
