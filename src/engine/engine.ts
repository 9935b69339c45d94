import { errorAt, Stage3Error } from "../core/errors.ts";
import { hasEnded, type TaskState } from "../core/transitions.ts";
import type { QueueSettings, FunctionDescription } from "../core/policy.ts";
import type { DeadLetterQuery, NewTask, StoredTask, TopicCounts } from "../storage/port.ts";
import type { EngineApi, EnqueueRequest, TaskRecord } from "./api.ts";
import { ChangeWatch } from "./change-watch.ts";
import { EndWaits } from "./end-waits.ts";
import { KnownNames, type KnownName } from "./names.ts";
import { patiently } from "./patience.ts";
import type { EngineParts, EngineSettings } from "./ports.ts";
import { RescueMeanwhile } from "./rescue-meanwhile.ts";
import { TurnLoop } from "./turn-loop.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { Worker } from "./worker.ts";

/**
 * The heart: takes tasks in, has them stored turn by turn, and, once started, claims and runs them. It knows nothing
 * of threads; production runs it in one of its own, tests run it in place on a virtual clock.
 */
export class Engine implements EngineApi {
  readonly #parts: EngineParts;
  readonly #settings: EngineSettings;
  readonly #turns: TurnLoop;
  readonly #names: KnownNames;
  readonly #ends: EndWaits;
  readonly #watch: ChangeWatch;
  readonly #rescue: RescueMeanwhile;
  readonly #stopSignal = new AbortController();
  #worker: Worker | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: EngineParts, settings: EngineSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#names = new KnownNames(settings.queues, parts.storage, (queue) => this.#describe(queue));
    this.#ends = new EndWaits(parts.storage);
    const foundAway = (error: Error): void => this.#turns.foundAway(error);
    this.#watch = new ChangeWatch({ ...parts, ends: this.#ends, foundAway });
    this.#turns = new TurnLoop(parts.storage, parts.clock, {
      claims: (topics) => this.#worker?.claims(topics) ?? [],
      claimed: (claim, tasks) => this.#worker?.claimed(claim, tasks),
      startedAtOnce: (task) => this.#worker?.run(task),
      disclaimer: () => this.#worker?.disclaimer(),
      doubtOver: () => void this.#catchUp().catch(() => this.#watch.lookAgain()),
      notClaimed: (claim, error) => this.#worker?.notClaimed(claim, error),
      failing: ({ message }) => parts.emit({ name: "warning", code: "DATABASE_UNAVAILABLE", message }),
    });
    this.#rescue = new RescueMeanwhile(
      {
        ...parts,
        turns: this.#turns,
        rescued: () => void this.#ends.check().catch(() => this.#watch.lookAgain()),
      },
      settings.leaseMs,
    );
  }

  async start(): Promise<void> {
    this.#refuseIfStopping();
    this.#starting ??= this.#start();
    try {
      await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async enqueue(request: EnqueueRequest): Promise<string> {
    this.#refuseIfStopping();
    const known = this.#peek(request) ?? (await this.#find(request));
    const task = this.#newTask(request, known);
    const result = await this.#turns.submit({ kind: "enqueue", ...task });
    if (result.kind === "full") throw queueFull(task);
    if (result.kind === "conflict") throw keyConflict();
    if (result.kind === "stored") this.#worker?.lineGrew(request.topic);
    return result.kind === "repeated" ? result.id : task.id;
  }

  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]> {
    this.#refuseIfStopping();
    const tasks: NewTask[] = [];
    for (const [index, request] of requests.entries()) {
      try {
        tasks.push(this.#newTask(request, this.#peek(request) ?? (await this.#find(request))));
      } catch (error) {
        throw errorAt(`tasks[${index}]`, error);
      }
    }
    const result = await this.#turns.submit({ kind: "enqueueMany", tasks });
    if (result.kind === "full") throw errorAt(`tasks[${result.index}]`, queueFull(tasks[result.index]));
    if (result.kind === "conflict") throw errorAt(`tasks[${result.index}]`, keyConflict());
    if (result.claimed.length < tasks.length) for (const { topic } of tasks) this.#worker?.lineGrew(topic);
    const ids = tasks.map(({ id }) => id);
    for (const { index, id } of result.repeated) ids[index] = id;
    return ids;
  }

  async abort(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const result = await this.#turns.submit({ kind: "abort", id });
    if (result.kind === "aborted") this.#ends.told(id, "aborted");
    if (result.kind !== "requested") return result.kind === "aborted";
    const state = await this.#worker?.abort(id, result.epoch);
    if (state !== undefined && hasEnded(state)) return state === "aborted";
    const ended = (): Promise<TaskRecord | undefined> => this.waitForEnd(id, new AbortController().signal);
    const task = await (this.#worker === undefined ? this.#rescue.during(ended) : ended());
    return task?.state === "aborted";
  }

  async status(id: string): Promise<TaskState | undefined> {
    this.#refuseIfStopping();
    return this.#read(() => this.#parts.storage.state(id));
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    this.#refuseIfStopping();
    const task = await this.#read(() => this.#parts.storage.get(id));
    return task === undefined ? undefined : (await this.#toRecords([task]))[0];
  }

  async waitForEnd(id: string, signal: AbortSignal): Promise<TaskRecord | undefined> {
    for (;;) {
      const wait = this.#ends.open(id);
      try {
        const task = await this.get(id);
        if (task === undefined || hasEnded(task.state)) return task;
        this.#watch.wake();
        await unlessAborted(wait.ended, signal);
      } finally {
        wait.close();
      }
    }
  }

  async deadLetters(query: DeadLetterQuery): Promise<TaskRecord[]> {
    this.#refuseIfStopping();
    return this.#toRecords(await this.#read(() => this.#parts.storage.deadLetters(query)));
  }

  async requeue(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const requeued = await this.#turns.submit({ kind: "requeue", id });
    if (requeued !== undefined) this.#worker?.lineGrew(requeued.topic);
    return requeued !== undefined;
  }

  async discard(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    return this.#turns.submit({ kind: "discard", id });
  }

  async topics(): Promise<TopicCounts[]> {
    this.#refuseIfStopping();
    return this.#read(() => this.#parts.storage.topicCounts());
  }

  /** Looks for tasks to claim, as after a change by somebody else that nothing has told of. */
  async lookForTasks(): Promise<void> {
    this.#refuseIfStopping();
    await this.#worker?.changedElsewhere();
  }

  async isReady(): Promise<boolean> {
    if (this.#stopping !== undefined) return false;
    if (this.#turns.fault !== undefined) return this.#turns.probe();
    return this.#parts.storage.nextDueAt().then(
      () => true,
      () => false,
    );
  }

  async #start(): Promise<void> {
    const worker = await Worker.start({
      ...this.#parts,
      settings: this.#settings,
      turns: this.#turns,
      names: this.#names,
      ends: this.#ends,
      lookAgain: () => this.#watch.lookAgain(),
      stopping: this.#stopSignal.signal,
    });
    this.#worker = worker;
    this.#watch.tell(() => worker.changedElsewhere());
  }

  async #stop(): Promise<void> {
    this.#stopSignal.abort(stopped());
    await this.#starting?.catch(() => undefined);
    await this.#watch.stop();
    this.#ends.reject(stopped());
    await this.#worker?.stop();
    await this.#turns.close();
    await this.#parts.storage[Symbol.asyncDispose]();
  }

  /** Learns what turns have done whose answers were lost, as if another process had done it. */
  async #catchUp(): Promise<void> {
    await this.#ends.check();
    await this.#worker?.changedElsewhere();
  }

  #peek({ topic, function: functionName }: EnqueueRequest): KnownName | undefined {
    return this.#names.peek(topic, functionName);
  }

  #find({ topic, function: functionName }: EnqueueRequest): Promise<KnownName> {
    return this.#read(() => this.#names.find(topic, functionName));
  }

  #newTask(request: EnqueueRequest, { topic, policy }: KnownName): NewTask {
    const start = this.#worker?.startFor(request.topic, request.function);
    return {
      ...request,
      priority: request.priority ?? policy.priority ?? topic.priority,
      maxQueueLen: topic.maxQueueLen,
      ...(start === undefined ? {} : { start }),
    };
  }

  /** The storage may be locked for a moment. Where it turns out to be away, readiness ends. */
  async #read<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await patiently(this.#parts.clock, this.#stopSignal.signal, read);
    } catch (error) {
      if (error instanceof Stage3Error && error.code.startsWith("DATABASE_")) this.#turns.foundAway(error);
      throw error;
    }
  }

  async #toRecords(tasks: readonly StoredTask[]): Promise<TaskRecord[]> {
    await this.#read(() => this.#names.refresh());
    return tasks.map((task) => ({
      ...task,
      maxRestarts:
        task.options.maxRestarts ?? task.resolvedMaxRestarts ?? this.#names.maxRestartsOf(task.topic, task.function),
    }));
  }

  async #describe(queue: QueueSettings): Promise<readonly FunctionDescription[]> {
    const executor = this.#parts.executors.open(queue);
    try {
      return await executor.describe();
    } finally {
      await executor.stop();
    }
  }

  #refuseIfStopping(): void {
    if (this.#stopping !== undefined) throw stopped();
  }
}

function queueFull(task: NewTask | undefined): Stage3Error {
  return new Stage3Error("QUEUE_FULL", `Queue reached its max capacity of ${task?.maxQueueLen} elements`);
}

function keyConflict(): Stage3Error {
  return new Stage3Error(
    "IDEMPOTENCY_CONFLICT",
    "The idempotency key was used for another task in the last 24 hours; give each task a key of its own",
  );
}

function stopped(): Stage3Error {
  return new Stage3Error("STOPPED", "This instance has stopped; open another.");
}
