import type { Clock } from "../core/clock.ts";
import { encodeArguments } from "../core/json/arguments.ts";
import { type ErrorCode, Stage3Error } from "../core/errors.ts";
import { contentHashOf } from "../core/idempotency.ts";
import { toTaskId } from "../core/ids.ts";
import { isName, NAME_FORMS } from "../core/names.ts";
import { packArguments } from "../core/json/packed-arguments.ts";
import type { TaskOptions } from "../core/options/types.ts";
import { showValue } from "../core/show-value.ts";
import { statusOf } from "../core/transitions.ts";
import type { Task, TaskId, TaskStatus } from "../core/task.ts";
import { parseTaskOptions } from "../core/options/task-options.ts";
import type { EngineCalls, EnqueueRequest } from "../engine/api.ts";
import type { EnqueueArguments, FunctionNames, StoredResult, TaskHandlers } from "../tasks/task-types.ts";
import { awaitResult, type ResultOptions } from "./await-result.ts";
import { DeadLetterQueue } from "./dead-letter-queue.ts";
import { type QueueCounts, toQueueCounts } from "./queue-counts.ts";
import { type ManyEntry, type ManyIds, type PlainEntry, readMany } from "./many-tasks.ts";
import { toTask } from "./to-task.ts";

/** What a {@link Broker} is made of. */
export interface BrokerParts {
  readonly engine: EngineCalls;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly maxPayloadBytes: number;
  /** The topics whose tasks are kept in this process's memory alone. */
  readonly topicsInMemory: ReadonlySet<string>;
  /** Whether every call is refused, even one that does not need the Engine. Undefined: the Engine decides. */
  readonly isStopping?: () => boolean;
}

/** The object an application enqueues, asks and aborts through. `stage3.broker` is one. */
export class Broker<Tasks extends TaskHandlers = TaskHandlers> {
  /** Tasks that have used up their restarts. */
  readonly dlq: DeadLetterQueue;
  readonly #engine: EngineCalls;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #maxPayloadBytes: number;
  readonly #topicsInMemory: ReadonlySet<string>;
  readonly #refuseIfStopping: () => void;

  constructor(parts: BrokerParts) {
    this.#engine = parts.engine;
    this.#clock = parts.clock;
    this.#newId = parts.newId;
    this.#maxPayloadBytes = parts.maxPayloadBytes;
    this.#topicsInMemory = parts.topicsInMemory;
    this.#refuseIfStopping = () => {
      if (parts.isStopping?.() === true) throw new Stage3Error("STOPPED", "This instance has stopped; open another.");
    };
    this.dlq = new DeadLetterQueue(parts.engine, this.#refuseIfStopping);
  }

  /**
   * Stores a task and resolves with its id once it is durable: from then on it runs at least once, whatever crashes.
   *
   * Rejects with `TOPIC_NOT_FOUND`, `FUNCTION_NOT_FOUND`, `INVALID_ARGS`, `INVALID_PRIORITY`, `INVALID_OPTION`,
   * `QUEUE_FULL`, `IDEMPOTENCY_CONFLICT`, `TASKS_NOT_LOADED`, `DATABASE_UNAVAILABLE`, `DATABASE_FULL` or `STOPPED`; nothing
   * is stored then.
   * Only where a disk fails during the commit (`DATABASE_UNAVAILABLE`) this remains unknown.
   *
   * @example
   * const id = await broker.enqueue("emails", "send emails", ["admin@example.com", ["a@example.com"]], { priority: 1 });
   */
  // Its four parameters are the public contract.
  // oxlint-disable-next-line eslint/max-params
  async enqueue<Name extends FunctionNames<Tasks>>(
    topic: string,
    functionName: Name,
    args: EnqueueArguments<Tasks, Name>,
    options: TaskOptions = {},
  ): Promise<TaskId<StoredResult<Tasks, Name>>> {
    this.#refuseIfStopping();
    const request = this.#request(topic, [functionName, args, options]);
    return this.#engine.enqueue(request);
  }

  /**
   * Stores many tasks of one topic as one: all of them or none, with one answer. Resolves with their ids, in their order;
   * at most 10,000 tasks with 32 MB of arguments. Each has to fit into the queue as if it came alone.
   *
   * Rejects as {@link enqueue} does; the message names the first task that is refused, as `tasks[3]: …`.
   *
   * @example
   * const ids = await broker.enqueueMany("emails", [
   *   ["send emails", ["admin@example.com", ["a@example.com"]]],
   *   ["send emails", ["admin@example.com", ["b@example.com"]], { priority: 1 }],
   * ]);
   */
  async enqueueMany<const Entries extends readonly ManyEntry<Tasks>[]>(
    topic: string,
    tasks: Entries,
  ): Promise<ManyIds<Tasks, Entries>> {
    this.#refuseIfStopping();
    const requests = readMany(tasks, (entry) => this.#request(topic, entry));
    const ids = requests.length > 0 ? await this.#engine.enqueueMany(requests) : [];
    return ids as ManyIds<Tasks, Entries>;
  }

  /** The task's status; undefined: there is no such task, or its retention has passed. */
  async status(id: string): Promise<TaskStatus | undefined> {
    this.#refuseIfStopping();
    const taskId = toTaskId(id);
    const state = taskId === undefined ? undefined : await this.#engine.status(taskId);
    return state === undefined ? undefined : statusOf(state);
  }

  /**
   * Stops a task for good, wherever it waits or runs. Resolves with true once it can have no further effect, which for
   * a running one is after it obeyed its signal or was killed; with false when there is no such task or it had ended.
   */
  async abort(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const taskId = toTaskId(id);
    return taskId === undefined ? false : this.#engine.abort(taskId);
  }

  /**
   * Waits for the end of a task, wherever it runs, and resolves with what its handler returned, as JSON carries it;
   * undefined where it returned nothing, or its result had to be dropped. The wait keeps the process alive.
   *
   * Rejects with the last failure when the task is in the dead-letter queue (its code, as `TASK_FAILED` or
   * `TASK_TIMEOUT`, and the handler's stack in `cause`), with `TASK_ABORTED` or `TASK_EXPIRED`, with `TASK_NOT_FOUND`, with
   * `RESULT_TIMEOUT` when the wait was longer than `timeout`, or with the reason of `signal`. Neither of the two stops
   * the task. Where tasks are in memory, and this instance is not started within 10 s: with `INVALID_OPTION`.
   *
   * @example
   * const id = await broker.enqueue("default", "fibonacci", [40]);
   * const value = await broker.result(id, { timeout: "30s" }); // a number
   */
  async result<Result = unknown>(id: TaskId<Result> | string, options: ResultOptions = {}): Promise<Result> {
    this.#refuseIfStopping();
    return (await awaitResult({ engine: this.#engine, clock: this.#clock }, id, options)) as Result;
  }

  /** Whether an attempt of the task is in progress. One whose child or thread is still being started counts. */
  async isRunning(id: string): Promise<boolean> {
    return (await this.status(id)) === "running";
  }

  /** Whether the task waits for a free slot or for a restart. */
  async isQueued(id: string): Promise<boolean> {
    return (await this.status(id)) === "queued";
  }

  /** Whether the task used up its restarts; {@link dlq} tells with what it failed. */
  async isInDlq(id: string): Promise<boolean> {
    return (await this.status(id)) === "in_dead_letter_queue";
  }

  /** The whole task, its result typed by the id that `enqueue` resolved with; undefined where there is none. */
  async get<Result = unknown>(id: TaskId<Result> | string): Promise<Task<Result> | undefined> {
    this.#refuseIfStopping();
    const taskId = toTaskId(id);
    const record = taskId === undefined ? undefined : await this.#engine.get(taskId);
    return record === undefined ? undefined : (toTask(record) as Task<Result>);
  }

  /**
   * Every topic that has tasks, is in this process's `queues`, or was registered by a worker, by name. The cost does not
   * grow with the number of tasks.
   */
  async queues(): Promise<QueueCounts[]> {
    this.#refuseIfStopping();
    const topics = await this.#engine.topics();
    return topics.map(toQueueCounts).toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  #request(topic: string, [functionName, args, options]: PlainEntry): EnqueueRequest {
    requireName(topic, "TOPIC_NOT_FOUND", "A topic");
    requireName(functionName, "FUNCTION_NOT_FOUND", "The name of a function");
    const { idempotencyKey, ...decided } = parseTaskOptions(options);
    const encode = this.#topicsInMemory.has(topic) ? packArguments : encodeArguments;
    const encoded = encode(args, this.#maxPayloadBytes);
    const content = { topic, function: functionName, args: encoded, ...decided };
    const request = { id: this.#newId(), ...content };
    if (idempotencyKey === undefined) return request;
    return { ...request, idempotency: { key: idempotencyKey, contentHash: contentHashOf(content) } };
  }
}

/** What is not a valid name cannot have been registered. Without types, that may be any value. */
function requireName(name: unknown, code: ErrorCode, what: string): void {
  if (typeof name === "string" && isName(name)) return;
  throw new Stage3Error(code, `${what} is ${NAME_FORMS}, not ${showValue(name)}.`);
}
