import type { Clock } from "../core/clock.ts";
import { errorAt, Stage3Error } from "../core/errors.ts";
import { settledAtEnqueue } from "../core/options/precedence.ts";
import { showSize } from "../core/options/sizes.ts";
import type { MemoryShortage, NewTask } from "../storage/port.ts";
import type { EnqueueRequest } from "./api.ts";
import type { KnownFunction, Registry } from "./registry.ts";
import type { TurnLoop } from "./turn-loop.ts";

/** What an intake is made of. */
export interface IntakeParts {
  readonly turns: TurnLoop;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Reads from the storage, which may be locked for a moment. */
  readonly read: <Result>(read: () => Promise<Result>) => Promise<Result>;
}

/** Takes new tasks in: looks their names up, resolves what they left open, and has the next turn store them. */
export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Resolves as `EngineCalls.enqueue` does. Rejects where a name is unknown or there is no place. */
  async enqueue(request: EnqueueRequest): Promise<string> {
    const known = this.#peek(request) ?? (await this.#find(request));
    const task = this.#newTask(request, known);
    const result = await this.#parts.turns.submit({ kind: "enqueue", ...task });
    if (result.kind === "full") throw queueFull(task, result.memory);
    if (result.kind === "conflict") throw keyConflict();
    return result.kind === "repeated" ? result.id : task.id;
  }

  /** As {@link enqueue}, for all of them or none. */
  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]> {
    const tasks: NewTask[] = [];
    for (const [index, request] of requests.entries()) {
      try {
        tasks.push(this.#newTask(request, this.#peek(request) ?? (await this.#find(request))));
      } catch (error) {
        throw errorAt(`tasks[${index}]`, error);
      }
    }
    const result = await this.#parts.turns.submit({ kind: "enqueueMany", tasks });
    if (result.kind === "full") throw errorAt(`tasks[${result.index}]`, queueFull(tasks[result.index], result.memory));
    if (result.kind === "conflict") throw errorAt(`tasks[${result.index}]`, keyConflict());
    const ids = tasks.map(({ id }) => id);
    for (const { index, id } of result.repeated) ids[index] = id;
    return ids;
  }

  #peek({ topic, function: functionName }: EnqueueRequest): KnownFunction | undefined {
    return this.#parts.registry.peek(topic, functionName);
  }

  #find({ topic, function: functionName }: EnqueueRequest): Promise<KnownFunction> {
    return this.#parts.read(() => this.#parts.registry.find(topic, functionName));
  }

  #newTask({ delayMs, expiresMs: given, ...request }: EnqueueRequest, { topic, policy }: KnownFunction): NewTask {
    const settled = settledAtEnqueue(
      { ...request, ...(given === undefined ? {} : { expiresMs: given }) },
      policy,
      topic,
    );
    const { expiresMs, ...rest } = settled;
    const now = this.#parts.clock.now();
    const runAt = delayMs === undefined ? request.runAt : now + delayMs;
    return {
      ...request,
      ...rest,
      ...(runAt === undefined ? {} : { runAt }),
      ...(expiresMs === undefined ? {} : { expiresAt: Math.max(runAt ?? now, now) + expiresMs }),
      maxQueueLen: topic.maxQueueLen,
    };
  }
}

/** Over REST the first sentence is answered. */
function queueFull(task: NewTask | undefined, memory: MemoryShortage | undefined): Stage3Error {
  if (memory !== undefined) return outOfMemory(memory);
  return new Stage3Error(
    "QUEUE_FULL",
    `Queue reached its max capacity of ${task?.maxQueueLen} elements. So many tasks of priority ${task?.priority} wait ` +
      `in ${JSON.stringify(task?.topic)}: enqueue again later, or raise the queue's maxQueueLen.`,
  );
}

function outOfMemory({ usedBytes, limitBytes }: MemoryShortage): Stage3Error {
  return new Stage3Error(
    "QUEUE_FULL",
    `Memory is the limit here, not the queue's length: tasks in memory that have not ended take ${showSize(usedBytes)} ` +
      `of at most ${showSize(limitBytes)}. Enqueue again later, keep the topic in a database, or give Node more memory ` +
      "with --max-old-space-size.",
  );
}

function keyConflict(): Stage3Error {
  return new Stage3Error(
    "IDEMPOTENCY_CONFLICT",
    "The idempotency key was used for another task in the last 24 hours; give each task a key of its own",
  );
}
