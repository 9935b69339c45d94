import type { QueueSettings } from "../core/options/settings.ts";
import type { ClaimOperation, TaskChange } from "../storage/port.ts";
import type { Unavailable } from "../executor/port.ts";
import type { ChangeSubscriber } from "./change-hub.ts";
import type { OwnTasks } from "./own-tasks.ts";
import type { Executors } from "./ports.ts";
import { Queue } from "./queue.ts";
import type { TurnLoop } from "./turn-loop.ts";
import { unlessAborted } from "./unless-aborted.ts";

export interface OpenQueuesParts {
  readonly executors: Executors;
  readonly own: OwnTasks;
  readonly turns: Pick<TurnLoop, "wake">;
  /** Aborted when the Engine is to stop: what is being opened then is given up. */
  readonly stopping: AbortSignal;
}

/** The queues of one worker that have tasks to run, with what runs them. */
export class OpenQueues implements ChangeSubscriber {
  readonly #parts: OpenQueuesParts;
  readonly #queues = new Map<string, Queue>();

  constructor(parts: OpenQueuesParts) {
    this.#parts = parts;
  }

  /** Loads the tasks of each queue. Rejects with the cause where some cannot be imported. */
  async open(queues: Iterable<QueueSettings>): Promise<void> {
    const withTasks = [...queues].filter(({ tasks }) => tasks !== undefined);
    const opened = withTasks.map((settings) => this.#open(settings));
    const failed = (await Promise.allSettled(opened)).find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(({ executor }) => executor.stop()));
  }

  /** Whether what runs the tasks of every queue can be started. */
  get canStart(): boolean {
    return [...this.#queues.values()].every((queue) => queue.canStart);
  }

  /** Whether it has functions of the topic. */
  serves(topic: string): boolean {
    return (this.#queues.get(topic)?.functions.size ?? 0) > 0;
  }

  get(topic: string): Queue | undefined {
    return this.#queues.get(topic);
  }

  /** The claims that fill free slots; of the `topics` in any case, since tasks that follow may take what is left. */
  claims(worker: string, topics: ReadonlySet<string>): ClaimOperation[] {
    const claims: ClaimOperation[] = [];
    for (const [topic, queue] of this.#queues) {
      const claim = queue.claim(worker, topics.has(topic));
      if (claim !== undefined) claims.push(claim);
    }
    return claims;
  }

  changed(changes: readonly TaskChange[]): void {
    for (const topic of topicsWithReady(changes)) this.#expectReady(this.#queues.get(topic));
  }

  /** Any of them may have tasks to claim. */
  look(): void {
    for (const queue of this.#queues.values()) this.#expectReady(queue);
  }

  #expectReady(queue: Queue | undefined): void {
    if (queue === undefined) return;
    queue.expectReady();
    this.#parts.turns.wake();
  }

  async #open(settings: QueueSettings): Promise<void> {
    const { topic } = settings;
    const executor = this.#parts.executors.open(settings, (unavailable) => this.#changed(topic, unavailable));
    try {
      const functions = await unlessAborted(executor.describe(), this.#parts.stopping);
      this.#parts.own.learn(topic, functions);
      this.#queues.set(topic, new Queue(settings, executor, functions));
    } catch (error) {
      await executor.stop();
      throw error;
    }
  }

  /** Nothing is told before the queue is there: until then a failure rejects `open`. */
  #changed(topic: string, unavailable: Unavailable): void {
    this.#queues.get(topic)?.leaveOut(unavailable);
    this.#parts.turns.wake();
  }
}

/** The topics of tasks that are ready after these changes, and were not before. */
function topicsWithReady(changes: readonly TaskChange[]): ReadonlySet<string> {
  const ready = new Map<string, string>();
  for (const { task, topic, to } of changes) {
    if (to === "ready") ready.set(task, topic);
    else ready.delete(task);
  }
  return new Set(ready.values());
}
