import { AssertionError } from "node:assert";
import type { Broker } from "../broker/broker.ts";
import { Stage3Error } from "../core/errors.ts";
import { parseDuration } from "../core/options/durations.ts";
import { wholeNumber } from "../core/options/readers.ts";
import type { Task } from "../core/task.ts";
import type { Engine } from "../engine/engine.ts";
import type { AttemptEnd, AttemptEnds } from "./attempt-ends.ts";
import type { PausableStorage } from "./pausable-storage.ts";
import type { RunningHandlers } from "./running-handlers.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What {@link TaskRuns} works with. */
export interface TaskRunsParts {
  readonly broker: Pick<Broker, "get">;
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly storage: PausableStorage;
  readonly handlers: RunningHandlers;
  readonly ends: AttemptEnds;
}

/** What bounds `drain` and `advance`. */
export interface RunLimits {
  /**
   * How long a handler that runs is waited for, in real time: a duration in milliseconds, or a string such as "10s".
   * After it the call rejects with an `AssertionError`. Default: 4 s.
   */
  readonly patience?: number | string;
  /** The most attempts that may be started; one more, and the call rejects with an `AssertionError`. Default: 10,000. */
  readonly maxAttempts?: number;
}

/** How `drain` goes about it. */
export interface DrainOptions extends RunLimits {
  /** Whether to move the time on to where tasks that wait, for a restart or their time, are due. Default: true. */
  readonly waiting?: boolean;
  /** Whether to reject with what a handler threw, instead of going on to its restart. Default: false. */
  readonly rethrow?: boolean;
}

/** How `advance` goes about it. */
export interface AdvanceOptions extends RunLimits {
  /**
   * Whether to wait, in real time, for the handlers that run, before the time moves on. One whose signal is aborted is not
   * waited for, since its grace is the queue's time. Default: false.
   */
  readonly waitForHandlers?: boolean;
}

/**
 * The tasks whose attempts ended since the call of `drain` or `advance` before, by how the latest one did, in the order
 * in which they did. Those whose retention has passed already are left out.
 */
export type Drained = Readonly<Record<AttemptEnd, readonly Task[]>> & {
  /** How many attempts were started since then. */
  readonly attempts: number;
};

const PATIENCE_MS = 4_000;
const MOST_ATTEMPTS = 10_000;

const readMaxAttempts = wholeNumber(1, true);

/** Lets tasks run and time pass when a test asks for it, one call after another. */
export class TaskRuns {
  readonly #parts: TaskRunsParts;
  #isStarted = false;
  /** How many attempts the calls before have told of. */
  #attemptsTold = 0;
  #underWay: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(parts: TaskRunsParts) {
    this.#parts = parts;
  }

  start(): Promise<void> {
    return this.#oneByOne(async () => {
      this.#refuseIfStopping();
      this.#isStarted = true;
      this.#parts.storage.resume();
    });
  }

  drain(options: DrainOptions): Promise<Drained> {
    const { waiting = true, rethrow = false } = options;
    return this.#run(options, async (patienceMs) => {
      const { clock, handlers, storage } = this.#parts;
      for (;;) {
        await this.#waitForHandlers(patienceMs);
        if (rethrow && handlers.firstThrown !== undefined) throw handlers.firstThrown.value;
        const dueAt = waiting ? await storage.nextDueAt() : undefined;
        if (dueAt === undefined) return;
        await clock.advance(Math.max(dueAt - clock.now(), 0));
      }
    });
  }

  async advance(duration: number | string, options: AdvanceOptions): Promise<Drained> {
    const byMs = parseDuration(duration, "advance");
    return this.#run(options, (patienceMs) => {
      const { clock, handlers } = this.#parts;
      const settle =
        options.waitForHandlers === true
          ? () => this.#waitForHandlers(patienceMs, () => handlers.unasked > 0)
          : () => clock.settle();
      return clock.advance(byMs, settle);
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { engine, clock } = this.#parts;
    const over = new AbortController();
    const stopped = engine.stop().finally(() => over.abort());
    do await clock.settle();
    while (!over.signal.aborted && (await clock.advanceToNext()));
    await stopped;
  }

  /** Runs tasks while `work` goes on, and tells how they ended. */
  async #run(options: RunLimits, work: (patienceMs: number) => Promise<void>): Promise<Drained> {
    const patienceMs = parseDuration(options.patience ?? PATIENCE_MS, "patience");
    const maxAttempts = readMaxAttempts(options.maxAttempts ?? MOST_ATTEMPTS, "maxAttempts");
    const { storage, handlers, ends } = this.#parts;
    return this.#oneByOne(async () => {
      this.#refuseIfStopping();
      const before = handlers.started;
      handlers.limit(maxAttempts, () => storage.pause());
      storage.resume();
      try {
        await work(patienceMs);
        if (handlers.started - before > maxAttempts) throw tooManyAttempts(maxAttempts);
        return await this.#drained();
      } finally {
        this.#attemptsTold = handlers.started;
        ends.clear();
        handlers.forgetThrown();
        handlers.limit(Number.POSITIVE_INFINITY, () => {});
        if (!this.#isStarted) storage.pause();
      }
    });
  }

  #refuseIfStopping(): void {
    if (this.#stopping !== undefined) throw new Stage3Error("STOPPED", "This instance has stopped; open another.");
  }

  async #drained(): Promise<Drained> {
    const attempts = this.#parts.handlers.started - this.#attemptsTold;
    const [finished, restarting, inDeadLetterQueue, aborted] = await Promise.all([
      this.#tasks("finished"),
      this.#tasks("restarting"),
      this.#tasks("inDeadLetterQueue"),
      this.#tasks("aborted"),
    ]);
    return { attempts, finished, restarting, inDeadLetterQueue, aborted };
  }

  async #tasks(end: AttemptEnd): Promise<Task[]> {
    const tasks = await Promise.all(this.#parts.ends.idsOf(end).map((id) => this.#parts.broker.get(id)));
    return tasks.filter((task) => task !== undefined);
  }

  async #waitForHandlers(patienceMs: number, isWaitedFor = () => this.#parts.handlers.count > 0): Promise<void> {
    const { clock, handlers } = this.#parts;
    await clock.settle();
    while (isWaitedFor()) {
      await handlers.waitForEnd(patienceMs);
      await clock.settle();
    }
  }

  /** What moves the time or lets tasks run goes on one after another. */
  #oneByOne<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#underWay.then(action);
    this.#underWay = result.catch(() => undefined);
    return result;
  }
}

function tooManyAttempts(maxAttempts: number): AssertionError {
  return new AssertionError({
    message:
      `More than ${maxAttempts} attempts were started: tasks may enqueue each other without end. ` +
      "Raise `maxAttempts` where so many are meant.",
    operator: "drain",
  });
}
