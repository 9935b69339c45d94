import { noInlineMemory } from "../core/options/readers.ts";
import type { FunctionDescription, FunctionPolicy } from "../core/options/settings.ts";
import type { Isolation } from "../core/options/types.ts";
import type { Executor, RunningAttempt, RunRequest, TellUnavailable, Unavailable } from "./port.ts";

/** Where an attempt runs, and how much memory it may take. */
export interface Place {
  readonly isolation: Isolation;
  readonly maxMemoryBytes: number | undefined;
}

/** The queue whose functions run, and where they do if they ask for no other place. */
export interface QueuePlace extends Place {
  readonly topic: string;
}

export interface ByIsolationParts {
  /** Opens an executor. It is given no limit where the request of each attempt names that. */
  readonly open: (place: Place, tell: TellUnavailable) => Executor;
  readonly tell: TellUnavailable;
}

/** Runs each function of a queue where its own policy wants it, else where the queue does. */
export class ByIsolation implements Executor {
  readonly #ofQueue: QueuePlace;
  readonly #parts: ByIsolationParts;
  readonly #executors = new Map<string, Executor>();
  /** What each executor cannot run, by the key of its place. */
  readonly #unavailable = new Map<string, Unavailable>();
  #ofFunction: ReadonlyMap<string, Place> = new Map();

  constructor(ofQueue: QueuePlace, parts: ByIsolationParts) {
    this.#ofQueue = ofQueue;
    this.#parts = parts;
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

  #executor({ isolation, maxMemoryBytes }: Place): Executor {
    const place = { isolation, maxMemoryBytes: isolation === "thread" ? maxMemoryBytes : undefined };
    const key = keyOf(place);
    const executor =
      this.#executors.get(key) ?? this.#parts.open(place, (unavailable) => this.#changed(key, unavailable));
    this.#executors.set(key, executor);
    return executor;
  }

  #changed(key: string, { cannotStart, functions }: Unavailable): void {
    // Each executor knows all functions of the module, also those that run elsewhere.
    const concerned = new Set(
      [...functions].filter((name) => keyOf(this.#ofFunction.get(name) ?? this.#ofQueue) === key),
    );
    this.#unavailable.set(key, { cannotStart: cannotStart && concerned.size > 0, functions: concerned });
    const all = [...this.#unavailable.values()];
    const none: ReadonlySet<string> = new Set();
    this.#parts.tell({
      cannotStart: all.some((one) => one.cannotStart),
      functions: all.reduce((names, one) => names.union(one.functions), none),
    });
  }
}

/** A child learns the limit of each attempt; a thread is started with it, so that each limit has its own threads. */
function keyOf({ isolation, maxMemoryBytes }: Place): string {
  return isolation === "thread" ? `${isolation} ${maxMemoryBytes}` : isolation;
}
