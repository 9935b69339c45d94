import { AssertionError } from "node:assert";
import { systemClock } from "../core/clock.ts";
import type { Executor, RunningAttempt, RunRequest } from "../executor/port.ts";
import type { ReadTask } from "../tasks/read-tasks.ts";

/** Something that a handler threw; it may be anything, `undefined` as well. */
export interface Thrown {
  readonly value: unknown;
}

/** Knows which handlers run, how many have been, and what they threw. */
export class RunningHandlers {
  readonly #running: Set<RunRequest> = new Set();
  /** Those of them whose signal is aborted: what they have left is their grace. */
  readonly #asked: Set<RunRequest> = new Set();
  #started = 0;
  #mostStarted = Number.POSITIVE_INFINITY;
  #tooMany: () => void = () => {};
  #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  #firstThrown: Thrown | undefined;

  get count(): number {
    return this.#running.size;
  }

  /** How many of them have not been asked to stop. */
  get unasked(): number {
    return this.#running.size - this.#asked.size;
  }

  /** How many attempts were started so far. */
  get started(): number {
    return this.#started;
  }

  /** What a handler threw first since {@link forgetThrown}. */
  get firstThrown(): Thrown | undefined {
    return this.#firstThrown;
  }

  forgetThrown(): void {
    this.#firstThrown = undefined;
  }

  /** From now on `tooMany` is called with each start after the next `count` ones. */
  limit(count: number, tooMany: () => void): void {
    this.#mostStarted = this.#started + count;
    this.#tooMany = tooMany;
  }

  /** The same executor, which tells of what it runs. */
  watch(executor: Executor): Executor {
    return {
      describe: () => executor.describe(),
      run: (request) => this.#follow(request, executor),
      stop: () => executor.stop(),
    };
  }

  /** The same tasks, whose handlers tell what they throw. */
  listen(tasks: ReadonlyMap<string, ReadTask>): ReadonlyMap<string, ReadTask> {
    const listened = ([name, { handler, policy }]: [string, ReadTask]): [string, ReadTask] => [
      name,
      { handler: (...args) => this.#hear(() => handler(...args)), policy },
    ];
    return new Map(Array.from(tasks, listened));
  }

  /**
   * Resolves when one of the handlers that run has ended. Rejects with an `AssertionError` when none did within
   * `patienceMs` of real time.
   */
  async waitForEnd(patienceMs: number): Promise<void> {
    const givenUp = Promise.withResolvers<never>();
    const timer = systemClock.setTimer(patienceMs, () => givenUp.reject(this.#outOfPatience(patienceMs)));
    try {
      await Promise.race([this.#ended.promise, givenUp.promise]);
    } finally {
      timer.cancel();
    }
  }

  #follow(request: RunRequest, executor: Executor): RunningAttempt {
    this.#running.add(request);
    this.#started += 1;
    if (this.#started > this.#mostStarted) this.#tooMany();
    const attempt = executor.run(request);
    void attempt.outcome.then(() => this.#end(request));
    return {
      outcome: attempt.outcome,
      abort: (reason, graceMs) => {
        if (this.#running.has(request)) this.#asked.add(request);
        attempt.abort(reason, graceMs);
      },
    };
  }

  #end(request: RunRequest): void {
    this.#running.delete(request);
    this.#asked.delete(request);
    this.#ended.resolve();
    this.#ended = Promise.withResolvers();
  }

  async #hear(call: () => unknown): Promise<unknown> {
    try {
      return await call();
    } catch (value) {
      this.#firstThrown ??= { value };
      throw value;
    }
  }

  #outOfPatience(patienceMs: number): AssertionError {
    const names = [...new Set(Array.from(this.#running, ({ function: name }) => JSON.stringify(name)))];
    return new AssertionError({
      message:
        `${names.join(", ")} did not end within ${patienceMs} ms of real time. What waits for its signal, as after its ` +
        "timeout, needs advance(), which moves the time on; what is just slow needs more `patience`.",
      operator: "drain",
    });
  }
}
