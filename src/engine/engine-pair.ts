import { Stage3Error } from "../core/errors.ts";
import type { DeadLetter, DeadLetterQuery, TopicCounts } from "../storage/port.ts";
import type { EngineApi, EngineCalls, EnqueueRequest, TaskRecord } from "./api.ts";
import { mergeDeadLetters } from "./merge-dead-letters.ts";
import { mergeCounts } from "./topic-counts.ts";

export interface EnginePairParts {
  /** The Engine of the database's queues. */
  readonly stored: EngineApi;
  /** The Engine of the queues that are kept in this process's memory. */
  readonly inMemory: EngineApi;
  /** Their topics. */
  readonly topicsInMemory: ReadonlySet<string>;
}

/**
 * Two Engines that answer as one: queues with `persistent: false` live beside the others, and neither waits for the
 * other's storage. A task stays where its topic is, so a call about a task goes to whichever Engine has it.
 */
export class EnginePair implements EngineApi {
  readonly #stored: EngineApi;
  readonly #inMemory: EngineApi;
  readonly #topicsInMemory: ReadonlySet<string>;
  /** Or about to be. */
  #started = false;

  constructor(parts: EnginePairParts) {
    this.#stored = parts.stored;
    this.#inMemory = parts.inMemory;
    this.#topicsInMemory = parts.topicsInMemory;
  }

  async start(): Promise<void> {
    this.#started = true;
    try {
      // The stored tasks come last: where the start fails, none of them may be run.
      await this.#inMemory.start();
      await this.#stored.start();
    } catch (error) {
      this.#started = false;
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#inMemory.stop(), this.#stored.stop()]);
  }

  async isReady(): Promise<boolean> {
    return (await this.#inMemory.isReady()) && this.#stored.isReady();
  }

  async enqueue(request: EnqueueRequest): Promise<string> {
    return this.#ofTopic(request.topic).enqueue(request);
  }

  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]> {
    const [first] = requests;
    return first === undefined ? [] : this.#ofTopic(first.topic).enqueueMany(requests);
  }

  async abort(id: string, isSentAgain?: boolean): Promise<boolean> {
    return (await this.#ofTask(id)).abort(id, isSentAgain);
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    return (await this.#inMemory.get(id)) ?? this.#stored.get(id);
  }

  async status(id: string): Promise<TaskRecord["state"] | undefined> {
    return (await this.#inMemory.status(id)) ?? this.#stored.status(id);
  }

  async waitForEnd(id: string, signal: AbortSignal): Promise<TaskRecord | undefined> {
    return (await this.#ofTask(id)).waitForEnd(id, signal);
  }

  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    if (query.topic === undefined) return mergeDeadLetters(this.#stored, this.#inMemory, query);
    return this.#byTopic(query.topic).deadLetters(query);
  }

  /** A piece ends where the next task is the other Engine's. */
  async getFirst(ids: readonly string[]): Promise<readonly (TaskRecord | undefined)[]> {
    const [first] = ids;
    if (first === undefined) return [];
    const engine = await this.#ofTask(first);
    let count = 1;
    for (; count < ids.length; count += 1) if ((await this.#ofTask(ids[count] ?? "")) !== engine) break;
    return engine.getFirst(ids.slice(0, count));
  }

  async requeue(id: string): Promise<boolean> {
    return (await this.#ofTask(id)).requeue(id);
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#ofTask(id)).discard(id);
  }

  async topics(): Promise<TopicCounts[]> {
    return mergeCounts(await this.#stored.topics(), await this.#inMemory.topics());
  }

  #byTopic(topic: string): EngineCalls {
    return this.#topicsInMemory.has(topic) ? this.#inMemory : this.#stored;
  }

  /** Where tasks of a topic are enqueued. */
  #ofTopic(topic: string): EngineCalls {
    if (!this.#started && this.#topicsInMemory.has(topic)) {
      throw new Stage3Error(
        "INVALID_OPTION",
        `Queue "${topic}" is not persistent: only the process that takes its tasks can run them, and this one is not ` +
          "started. Call start() first, or enqueue in a process that works, in its code or over its REST API.",
      );
    }
    return this.#byTopic(topic);
  }

  async #ofTask(id: string): Promise<EngineCalls> {
    return (await this.#inMemory.status(id)) === undefined ? this.#stored : this.#inMemory;
  }
}
