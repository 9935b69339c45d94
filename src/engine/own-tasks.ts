import type { Clock } from "../core/clock.ts";
import { describeThrown } from "../core/failure.ts";
import { Stage3Error } from "../core/errors.ts";
import type { FunctionDescription, FunctionPolicy, QueueSettings } from "../core/policy.ts";

/** What loads the tasks of this process's own queues. */
export interface OwnTasksParts {
  readonly clock: Clock;
  readonly describe: (queue: QueueSettings) => Promise<readonly FunctionDescription[]>;
  /** Tasks could not be loaded; told once for each try. */
  readonly notLoaded: (error: Stage3Error) => void;
}

interface Load {
  readonly functions: Promise<readonly FunctionDescription[]>;
  /** When it failed, on the monotonic clock. */
  failedAt?: number;
}

/** For how long a failure answers for further calls: each try may start a process. */
const FAILURE_KEPT_MS = 1_000;

/** What the tasks of this process's own queues offer. A module is loaded once, however many queues share it. */
export class OwnTasks {
  readonly #parts: OwnTasksParts;
  readonly #byTopic = new Map<string, ReadonlyMap<string, FunctionPolicy>>();
  readonly #loads = new Map<string, Load>();

  constructor(parts: OwnTasksParts) {
    this.#parts = parts;
  }

  /** The policy of a function that is known already to be among the tasks of a topic. */
  find(topic: string, functionName: string): FunctionPolicy | undefined {
    return this.#byTopic.get(topic)?.get(functionName);
  }

  /** Loads the tasks of a queue, unless that was done. Rejects with `TASKS_NOT_LOADED`. */
  async load(queue: QueueSettings): Promise<void> {
    if (!this.#byTopic.has(queue.topic)) this.learn(queue.topic, await this.#loadOnce(queue).functions);
  }

  /** Takes what the tasks of a queue offer. */
  learn(topic: string, functions: readonly FunctionDescription[]): void {
    this.#byTopic.set(topic, new Map(functions.map(({ name, policy }) => [name, policy])));
  }

  #loadOnce(queue: QueueSettings): Load {
    const key = queue.tasks?.kind === "module" ? queue.tasks.url : `functions of ${queue.topic}`;
    const earlier = this.#loads.get(key);
    const now = this.#parts.clock.monotonic();
    if (earlier !== undefined && now - (earlier.failedAt ?? now) < FAILURE_KEPT_MS) return earlier;
    const load: Load = { functions: this.#tryToLoad(queue) };
    this.#loads.set(key, load);
    load.functions.catch(() => (load.failedAt = this.#parts.clock.monotonic()));
    return load;
  }

  async #tryToLoad(queue: QueueSettings): Promise<readonly FunctionDescription[]> {
    try {
      return await this.#parts.describe(queue);
    } catch (cause) {
      const reason = describeThrown(cause).message;
      const message = `The tasks of queue "${queue.topic}" cannot be loaded: ${reason}`;
      const error = new Stage3Error("TASKS_NOT_LOADED", message, { cause });
      this.#parts.notLoaded(error);
      throw error;
    }
  }
}
