import { Stage3Error } from "../core/errors.ts";
import { hasEnded, type TaskState } from "../core/transitions.ts";
import type { DeadLetter, DeadLetterQuery, StoredTask, TopicCounts } from "../storage/port.ts";
import type { EngineApi, EnqueueRequest, TaskRecord } from "./api.ts";
import { ChangeHub } from "./change-hub.ts";
import { RescueMeanwhile } from "./duties/rescue-meanwhile.ts";
import { Watching } from "./duties/watching.ts";
import { EndWaits } from "./end-waits.ts";
import { ForgottenStart } from "./forgotten-start.ts";
import { Intake } from "./intake.ts";
import { Registry } from "./registry.ts";
import { OwnTasks } from "./own-tasks.ts";
import { patiently } from "./patience.ts";
import type { EngineParts, EngineSettings } from "./ports.ts";
import { readFirst } from "./read-first.ts";
import { withTopics } from "./topic-counts.ts";
import { TurnLoop } from "./turn-loop.ts";
import { untilEnded } from "./until-ended.ts";
import { Worker } from "./worker.ts";

/**
 * The heart: takes tasks in, has them stored turn by turn, and, once started, claims and runs them. It knows nothing
 * of threads; production runs it in one of its own, tests run it in place on a virtual clock.
 */
export class Engine implements EngineApi {
  readonly #parts: EngineParts;
  readonly #settings: EngineSettings;
  readonly #turns: TurnLoop;
  readonly #own: OwnTasks;
  readonly #registry: Registry;
  readonly #intake: Intake;
  readonly #ends: EndWaits;
  readonly #hub: ChangeHub;
  readonly #watching: Watching;
  readonly #rescue: RescueMeanwhile;
  readonly #forgottenStart: ForgottenStart;
  readonly #stopSignal = new AbortController();
  #worker: Worker | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: EngineParts, settings: EngineSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#own = new OwnTasks(parts);
    this.#registry = new Registry({ ...parts, queues: settings.queues, own: this.#own });
    this.#hub = new ChangeHub({ ...parts, away: (error) => this.#turns.foundAway(error) });
    this.#watching = new Watching({ ...parts, hub: this.#hub });
    this.#ends = new EndWaits({ ...parts, watching: this.#watching });
    this.#turns = new TurnLoop({ ...parts, hub: this.#hub });
    this.#intake = new Intake({
      ...parts,
      turns: this.#turns,
      registry: this.#registry,
      read: (read) => this.#read(read),
    });
    this.#forgottenStart = new ForgottenStart({
      ...parts,
      isStarted: () => this.#starting !== undefined,
      servesHere: (topic) => this.#worker?.serves(topic) === true,
    });
    this.#rescue = new RescueMeanwhile({ ...parts, turns: this.#turns, leaseMs: settings.leaseMs });
    this.#hub.subscribe(this.#ends);
    this.#hub.subscribe(this.#forgottenStart);
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
    return this.#intake.enqueue(request);
  }

  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]> {
    this.#refuseIfStopping();
    return this.#intake.enqueueMany(requests);
  }

  async abort(id: string, isSentAgain = false): Promise<boolean> {
    this.#refuseIfStopping();
    const result = await this.#turns.submit({ kind: "abort", id });
    if (result.kind === "ended") return isSentAgain && result.state === "aborted";
    if (result.kind !== "requested") return result.kind === "aborted";
    const state = await this.#worker?.abort(id, result.epoch);
    if (state !== undefined && hasEnded(state)) return state === "aborted";
    const ended = (): Promise<TaskRecord | undefined> => this.#ended(id, this.#stopSignal.signal);
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
    const inVain = new AbortController();
    const timer = this.#forgottenStart.awaited(id, (error) => inVain.abort(error));
    try {
      return await this.#ended(id, AbortSignal.any([signal, inVain.signal]));
    } finally {
      timer.cancel();
    }
  }

  #ended(id: string, signal: AbortSignal): Promise<TaskRecord | undefined> {
    const get = (task: string): Promise<TaskRecord | undefined> => this.get(task);
    return untilEnded({ ends: this.#ends, get }, id, signal);
  }

  async deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    this.#refuseIfStopping();
    return this.#read(() => this.#parts.storage.deadLetters(query));
  }

  getFirst(ids: readonly string[]): Promise<readonly (TaskRecord | undefined)[]> {
    return readFirst(ids, (id) => this.get(id));
  }

  async requeue(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const requeued = await this.#turns.submit({ kind: "requeue", id });
    return requeued !== undefined;
  }

  async discard(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    return this.#turns.submit({ kind: "discard", id });
  }

  async topics(): Promise<TopicCounts[]> {
    this.#refuseIfStopping();
    const stored = await this.#read(() => this.#parts.storage.topicCounts());
    return withTopics(stored, this.#settings.queues.keys());
  }

  async isReady(): Promise<boolean> {
    if (this.#stopping !== undefined || this.#worker?.canStart === false) return false;
    if (this.#turns.fault !== undefined) return this.#turns.probe();
    return this.#parts.storage.nextDueAt().then(
      () => true,
      () => false,
    );
  }

  async #start(): Promise<void> {
    this.#worker = await Worker.start({
      ...this.#parts,
      settings: this.#settings,
      turns: this.#turns,
      own: this.#own,
      hub: this.#hub,
      watching: this.#watching,
      stopping: this.#stopSignal.signal,
    });
  }

  async #stop(): Promise<void> {
    this.#stopSignal.abort(stopped());
    await this.#starting?.catch(() => undefined);
    this.#forgottenStart.stop();
    this.#ends.reject(stopped());
    await this.#worker?.stop();
    // Until then others may abort what is still allowed to go on.
    this.#watching.close();
    await this.#hub.close();
    await this.#turns.close();
    await this.#parts.storage[Symbol.asyncDispose]();
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
    await this.#read(() => this.#registry.refresh());
    return tasks.map((task) => ({
      ...task,
      maxRestarts:
        task.options.maxRestarts ?? task.resolvedMaxRestarts ?? this.#registry.maxRestartsOf(task.topic, task.function),
    }));
  }

  #refuseIfStopping(): void {
    if (this.#stopping !== undefined) throw stopped();
  }
}

function stopped(): Stage3Error {
  return new Stage3Error("STOPPED", "This instance has stopped; open another.");
}
