import type { Clock } from "../core/clock.ts";
import { describeThrown } from "../core/failure.ts";
import { Stage3Error } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { FunctionDescription, FunctionPolicy, QueueSettings } from "../core/options/settings.ts";
import type { Executors } from "./ports.ts";

/** What tasks are loaded with. */
export interface OwnTasksParts {
  readonly clock: Clock;
  readonly executors: Executors;
  /** Told of each try that fails, as a warning. */
  readonly emit: Emit;
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
      return await this.#describe(queue);
    } catch (cause) {
      const reason = describeThrown(cause).message;
      const message = `The tasks of queue "${queue.topic}" cannot be loaded: ${reason}`;
      this.#parts.emit({ name: "warning", code: "TASKS_NOT_LOADED", message });
      throw new Stage3Error("TASKS_NOT_LOADED", message, { cause });
    }
  }

  async #describe(queue: QueueSettings): Promise<readonly FunctionDescription[]> {
    const executor = this.#parts.executors.open(queue, () => {});
    try {
      return await executor.describe(true);
    } finally {
      await executor.stop();
    }
  }
}
