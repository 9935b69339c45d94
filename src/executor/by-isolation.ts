import { noInlineMemory } from "../core/option-values.ts";
import type { FunctionDescription, FunctionPolicy, Isolation } from "../core/policy.ts";
import type { Executor, RunningAttempt, RunRequest } from "./port.ts";

/** Where an attempt runs, and how much memory it may take. */
export interface Place {
  readonly isolation: Isolation;
  readonly maxMemoryBytes: number | undefined;
}

/** The queue whose functions run, and where they do if they ask for no other place. */
export interface QueuePlace extends Place {
  readonly topic: string;
}

/** Runs each function of a queue where its own policy wants it, else where the queue does. */
export class ByIsolation implements Executor {
  readonly #ofQueue: QueuePlace;
  readonly #open: (place: Place) => Executor;
  readonly #executors = new Map<string, Executor>();
  #ofFunction: ReadonlyMap<string, Place> = new Map();

  /** @param open opens an executor. It is given no limit where the request of each attempt names that. */
  constructor(ofQueue: QueuePlace, open: (place: Place) => Executor) {
    this.#ofQueue = ofQueue;
    this.#open = open;
  }

  async describe(namesOnly = false): Promise<readonly FunctionDescription[]> {
    const functions = await this.#executor(this.#ofQueue).describe();
    if (namesOnly) return functions;
    this.#ofFunction = new Map(functions.map(({ name, policy }) => [name, this.#placeOf(name, policy)]));
    const executors = new Set(Array.from(this.#ofFunction.values(), (place) => this.#executor(place)));
    await Promise.all(Array.from(executors, (executor) => executor.describe()));
    return functions;
  }

  run(request: RunRequest): RunningAttempt {
    const place = this.#ofFunction.get(request.function) ?? this.#ofQueue;
    const { isolation, maxMemoryBytes } = place;
    const isLimited = isolation === "process" && maxMemoryBytes !== undefined;
    return this.#executor(place).run(isLimited ? { ...request, maxMemoryBytes } : request);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#executors.values()].map((executor) => executor.stop()));
  }

  #placeOf(name: string, policy: FunctionPolicy): Place {
    const isolation = policy.isolation ?? this.#ofQueue.isolation;
    if (isolation !== "inline")
      return { isolation, maxMemoryBytes: policy.maxMemoryBytes ?? this.#ofQueue.maxMemoryBytes };
    if (policy.maxMemoryBytes !== undefined) {
      // The same module may be that of other queues, in which the limit is fine.
      throw noInlineMemory(`Queue "${this.#ofQueue.topic}": task(${JSON.stringify(name)}).maxMemory`);
    }
    return { isolation, maxMemoryBytes: undefined };
  }

  /** A child learns the limit of each attempt; a thread is started with it, so that each limit has its own threads. */
  #executor({ isolation, maxMemoryBytes }: Place): Executor {
    const place = { isolation, maxMemoryBytes: isolation === "thread" ? maxMemoryBytes : undefined };
    const key = `${isolation} ${place.maxMemoryBytes}`;
    const executor = this.#executors.get(key) ?? this.#open(place);
    this.#executors.set(key, executor);
    return executor;
  }
}
