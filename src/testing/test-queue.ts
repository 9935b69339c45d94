import type { Broker } from "../broker/broker.ts";
import type { EventHub } from "../broker/events.ts";
import type { ArgumentsOf, FunctionNames, TaskHandlers } from "../tasks/task-types.ts";
import type { EnqueuedFilter, EnqueuedTask, EnqueueLog } from "./enqueue-log.ts";
import { type ExpectedOptions, requireEnqueued, requireNotEnqueued } from "./expect-enqueued.ts";
import type { Expected } from "./matching.ts";
import type { AdvanceOptions, Drained, DrainOptions, TaskRuns } from "./task-runs.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a {@link TestQueue} is made of. */
export interface TestQueueParts<Tasks extends TaskHandlers> {
  readonly broker: Broker<Tasks>;
  readonly events: Pick<EventHub, "on" | "off">;
  readonly clock: VirtualClock;
  readonly enqueued: EnqueueLog;
  readonly runs: TaskRuns;
}

/**
 * A queue for tests: in memory, on a clock that stands still until it is moved, its handlers run in this thread. Made
 * by `openTestQueue`. Nothing runs but in `drain` and `advance`, or once it is started.
 */
export class TestQueue<Tasks extends TaskHandlers = TaskHandlers> implements AsyncDisposable {
  /** What the application under test gets, the same as `stage3.broker` in production. */
  readonly broker: Broker<Tasks>;
  /** What happens in this instance, as `stage3.events` in production. */
  readonly events: Pick<EventHub, "on" | "off">;
  readonly #parts: TestQueueParts<Tasks>;

  constructor(parts: TestQueueParts<Tasks>) {
    this.broker = parts.broker;
    this.events = parts.events;
    this.#parts = parts;
  }

  /** The time on the queue's clock. */
  get now(): Date {
    return new Date(this.#parts.clock.now());
  }

  /** From now on tasks run as soon as they are enqueued, as in production. The time still stands. Idempotent. */
  start(): Promise<void> {
    return this.#parts.runs.start();
  }

  /**
   * Runs every task that is queued, those that handlers enqueue meanwhile, and restarts, until none is left. It waits
   * for handlers in real time and moves the queue's time only while none runs.
   *
   * Rejects with an `AssertionError` where a handler does not end, or the tasks do not (see {@link RunLimits}); with
   * what a handler threw where `rethrow` asks for it; with `STOPPED`.
   *
   * @example
   * const { finished, inDeadLetterQueue } = await stage3.drain();
   */
  drain(options: DrainOptions = {}): Promise<Drained> {
    return this.#parts.runs.drain(options);
  }

  /**
   * Moves the time on by a duration, in milliseconds or as a string such as "30s". All that falls due happens at its
   * moment and in its order: timeouts, restarts, the end of retention. Tasks that are ready are started. It does not
   * wait for handlers that wait for something else than the queue, unless `waitForHandlers` asks for it; `advance(0)`
   * just starts what is ready.
   *
   * Rejects with `INVALID_OPTION`, with `STOPPED`, and with an `AssertionError` as {@link drain} does.
   *
   * @example
   * await stage3.advance("30s");
   */
  advance(duration: number | string, options: AdvanceOptions = {}): Promise<Drained> {
    return this.#parts.runs.advance(duration, options);
  }

  /** Lets everything happen that needs no time: calls that the application did not await are answered. */
  settle(): Promise<void> {
    return this.#parts.clock.settle();
  }

  /** The tasks that were ever enqueued, in their order, whatever has become of them; `filter` narrows them down. */
  enqueued(filter: EnqueuedFilter = {}): readonly EnqueuedTask[] {
    return this.#parts.enqueued.list(filter);
  }

  /**
   * Returns the first task that was enqueued with this topic and function, and with these arguments and options where
   * they are given, whatever has become of it since. Any part of `args` may be a matcher, as `expect.any(String)`.
   *
   * @throws AssertionError where there is none; its message shows what was enqueued instead.
   * @example
   * stage3.expectEnqueued("emails", "send welcome", ["ada@example.com"], { priority: 1 });
   */
  // The four parameters are those of `broker.enqueue`.
  // oxlint-disable-next-line eslint/max-params
  expectEnqueued<Name extends FunctionNames<Tasks>>(
    topic: string,
    functionName: Name,
    args?: Expected<ArgumentsOf<Tasks, Name>>,
    { times, ...options }: ExpectedOptions = {},
  ): EnqueuedTask {
    // Taken for its identity alone.
    // oxlint-disable-next-line typescript/unbound-method
    const calledBy = this.expectEnqueued;
    return requireEnqueued(this.enqueued(), { topic, function: functionName, args, options }, { times, calledBy });
  }

  /**
   * Makes sure that no such task was ever enqueued; without a function none to the topic, without a topic none at all.
   *
   * @throws AssertionError, its message showing those that were.
   */
  expectNotEnqueued<Name extends FunctionNames<Tasks>>(
    topic?: string,
    functionName?: Name,
    args?: Expected<ArgumentsOf<Tasks, Name>>,
  ): void {
    // Taken for its identity alone.
    // oxlint-disable-next-line typescript/unbound-method
    const calledBy = this.expectNotEnqueued;
    requireNotEnqueued(this.enqueued(), { topic, function: functionName, args }, { calledBy });
  }

  /**
   * Stops as in production; grace periods pass at once, since the time moves on by itself. Later calls reject with
   * `STOPPED`. Nothing is left: no timer, no thread, no file. Idempotent.
   */
  stop(): Promise<void> {
    return this.#parts.runs.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
