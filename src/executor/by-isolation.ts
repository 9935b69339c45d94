import type { FunctionDescription, Isolation } from "../core/policy.ts";
import type { Executor, RunningAttempt, RunRequest } from "./port.ts";

/** Runs each function of a queue where its own policy wants it, else where the queue does. */
export class ByIsolation implements Executor {
  readonly #ofQueue: Isolation;
  readonly #open: (isolation: Isolation) => Executor;
  readonly #executors = new Map<Isolation, Executor>();
  #ofFunction: ReadonlyMap<string, Isolation> = new Map();

  constructor(ofQueue: Isolation, open: (isolation: Isolation) => Executor) {
    this.#ofQueue = ofQueue;
    this.#open = open;
  }

  async describe(): Promise<readonly FunctionDescription[]> {
    const functions = await this.#executor(this.#ofQueue).describe();
    this.#ofFunction = new Map(functions.map(({ name, policy }) => [name, policy.isolation ?? this.#ofQueue]));
    const others = new Set(this.#ofFunction.values()).difference(new Set([this.#ofQueue]));
    await Promise.all([...others].map((isolation) => this.#executor(isolation).describe()));
    return functions;
  }

  run(request: RunRequest): RunningAttempt {
    return this.#executor(this.#ofFunction.get(request.function) ?? this.#ofQueue).run(request);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#executors.values()].map((executor) => executor.stop()));
  }

  #executor(isolation: Isolation): Executor {
    const executor = this.#executors.get(isolation) ?? this.#open(isolation);
    this.#executors.set(isolation, executor);
    return executor;
  }
}
