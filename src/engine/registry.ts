import type { Clock } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { FunctionPolicy, QueueSettings } from "../core/options/settings.ts";
import type { RegisteredTopic, Storage, TopicRegistration } from "../storage/port.ts";
import type { OwnTasks } from "./own-tasks.ts";

/** What an enqueue must know of its topic and function. */
export interface KnownFunction {
  readonly topic: Pick<TopicRegistration, "priority" | "maxQueueLen" | "maxRestarts" | "expiresMs">;
  readonly policy: FunctionPolicy;
}

export interface RegistryParts {
  readonly queues: ReadonlyMap<string, QueueSettings>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly own: OwnTasks;
}

/** For how long it is not asked again whether a function has been forgotten. */
const LONGEST_TRUSTED_MS = 60_000;

/**
 * The topics and functions that may be enqueued to: those of this process's own configuration, which win for its own
 * calls, and those that workers have registered in the database.
 */
export class Registry {
  readonly #parts: RegistryParts;
  #registered: ReadonlyMap<string, RegisteredTopic> = new Map();
  #version: number | undefined;
  /** When the database was last looked into, on the monotonic clock. */
  #refreshedAt = 0;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** What is known without asking anybody, so that calls keep their order; undefined: {@link find} has to look. */
  peek(topic: string, functionName: string): KnownFunction | undefined {
    const { own } = this.#parts;
    const known = this.#topic(topic);
    const policy = own.find(topic, functionName) ?? this.#remembered(topic)?.functions.get(functionName);
    return known === undefined || policy === undefined ? undefined : { topic: known, policy };
  }

  /**
   * As {@link peek}, after a look into the database and, only where that does not know the name, into the tasks. Rejects
   * where the topic or function is unknown, or the tasks cannot be loaded.
   */
  async find(topic: string, functionName: string): Promise<KnownFunction> {
    await this.refresh();
    const registered = this.peek(topic, functionName);
    if (registered !== undefined) return registered;
    const queue = this.#parts.queues.get(topic);
    if (queue === undefined && !this.#registered.has(topic)) {
      throw new Stage3Error(
        "TOPIC_NOT_FOUND",
        `Topic "${topic}" is not found: add it to \`queues\`, or start a worker that has it.`,
      );
    }
    if (queue?.tasks !== undefined) await this.#parts.own.load(queue);
    const own = this.peek(topic, functionName);
    if (own !== undefined) return own;
    throw new Stage3Error(
      "FUNCTION_NOT_FOUND",
      `Function "${functionName}" is not found for topic "${topic}": add it to its tasks, or start a worker that has it.`,
    );
  }

  /** Reads what workers have registered since this was last done. */
  async refresh(): Promise<void> {
    this.#refreshedAt = this.#parts.clock.monotonic();
    const registry = await this.#parts.storage.registry(this.#version);
    if (registry === undefined) return;
    this.#version = registry.version;
    this.#registered = registry.topics;
  }

  /** The restarts of a task that names none, as far as this process can tell before a worker has claimed it. */
  maxRestartsOf(topic: string, functionName: string): number {
    const restarts = this.peek(topic, functionName)?.policy.maxRestarts ?? this.#topic(topic)?.maxRestarts;
    return restarts ?? DEFAULT_MAX_RESTARTS;
  }

  #topic(topic: string): KnownFunction["topic"] | undefined {
    return this.#parts.queues.get(topic) ?? this.#registered.get(topic);
  }

  /** As it was registered when last looked; where that was long ago, later calls learn what was forgotten since. */
  #remembered(topic: string): RegisteredTopic | undefined {
    if (this.#parts.clock.monotonic() - this.#refreshedAt > LONGEST_TRUSTED_MS) {
      // A storage that is away is reported by what is written.
      void this.refresh().catch(() => undefined);
    }
    return this.#registered.get(topic);
  }
}

const DEFAULT_MAX_RESTARTS = 5;
