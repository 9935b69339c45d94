import { sleep } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { TaskState } from "../core/transitions.ts";
import type { ClaimedTask, ClaimOperation, DisclaimOperation } from "../storage/port.ts";
import { Attempts } from "./attempts.ts";
import type { EndWaits } from "./end-waits.ts";
import { keepLease } from "./lease.ts";
import type { EngineParts, EngineSettings } from "./ports.ts";
import { Promoter } from "./promoter.ts";
import { startPruning } from "./pruner.ts";
import { keepOffers } from "./offers.ts";
import { OpenQueues } from "./open-queues.ts";
import type { OwnTasks } from "./own-tasks.ts";
import type { Repeating } from "./repeat.ts";
import { Rescuer } from "./rescuer.ts";
import type { TurnLoop } from "./turn-loop.ts";
import { lookForUnclaimable, warnOfUnclaimable } from "./unclaimable.ts";
import { WorkerNames } from "./worker-names.ts";

/** What a worker is made of. */
export interface WorkerParts extends EngineParts {
  readonly settings: EngineSettings;
  readonly turns: TurnLoop;
  readonly own: OwnTasks;
  readonly ends: EndWaits;
  /** Has the waits for ends looked up again a little later. */
  readonly lookAgain: () => void;
  /** Aborted when the Engine is to stop: a start that is under way then is given up. */
  readonly stopping: AbortSignal;
}

/** How long a worker that lost its lease waits before it tries again to register. */
const REGISTER_RETRY_MS = 250;

/** The part of an Engine that claims tasks and runs them, from `start` to `stop`. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #queues: OpenQueues;
  readonly #attempts: Attempts;
  readonly #promoter: Promoter;
  readonly #rescuer: Rescuer;
  readonly #workerNames: WorkerNames;
  /** What is done again and again for as long as it runs. */
  #duties: readonly Repeating[] = [];
  #lease: Repeating | undefined;
  #id = "";
  /** The last id under which it lost its lease. */
  #lost = "";
  /** Off while it has no lease, and for good once it stops. */
  #claiming = false;
  /** Resolves when a worker that lost its lease goes on under a new id, or is to stop. */
  #startingAnew: Promise<void> | undefined;

  private constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { storage, clock, turns, processes, emit } = parts;
    this.#queues = new OpenQueues(parts);
    const { maxPayloadBytes } = parts.settings;
    this.#attempts = new Attempts({ ...parts, maxPayloadBytes }, (task, state) => this.#ended(task, state));
    this.#workerNames = new WorkerNames(parts.settings.instance, parts.settings.generation);
    this.#promoter = new Promoter({ storage, clock, turns, lineGrew: (topic) => this.lineGrew(topic) });
    this.#rescuer = new Rescuer({
      storage,
      clock,
      turns,
      processes,
      emit,
      rescued: () => this.#rescued(),
      isSelf: (worker) => worker === this.#id,
      isPredecessor: (worker) => this.#workerNames.isPredecessor(worker),
    });
  }

  /** Loads the tasks of every queue, registers, and begins to claim. Rejects when tasks cannot be imported. */
  static async start(parts: WorkerParts): Promise<Worker> {
    const worker = new Worker(parts);
    try {
      await worker.#queues.open(parts.settings.queues.values());
      await worker.#register();
    } catch (error) {
      await worker.#queues.close();
      throw error;
    }
    await worker.#begin();
    return worker;
  }

  /** The claims that fill free slots; of the `topics` in any case, since tasks that follow may take what is left. */
  claims(topics: ReadonlySet<string>): ClaimOperation[] {
    return this.#claiming ? this.#queues.claims(this.#id, topics) : [];
  }

  /** Gives back what this worker was given without ever hearing of it. */
  disclaimer(): DisclaimOperation {
    return { kind: "disclaim", worker: this.#id, known: this.#attempts.keys() };
  }

  claimed(claim: ClaimOperation, tasks: readonly ClaimedTask[]): void {
    this.#queues.get(claim.topic)?.claimGave(tasks.length, claim.limit);
    for (const task of tasks) this.run(task);
  }

  /** A claim was not made: its turn failed, or, where `error` says so, this worker has no row any more. */
  notClaimed(claim: ClaimOperation, error?: Error): void {
    if (error instanceof Stage3Error && error.code === "LEASE_LOST") this.#leaseLost(claim.worker);
    // It is tried again in the next turn. To ask for one here would repeat what fails without a pause.
    else this.#queues.get(claim.topic)?.lineGrew();
  }

  /** Runs a task that this worker has claimed; gives it back where it claims no more. */
  run(task: ClaimedTask): void {
    const queue = this.#queues.get(task.topic);
    if (queue === undefined || !this.#claiming) {
      const { id, epoch } = task;
      void this.#parts.turns.submitForGood({ kind: "settle", id, epoch, outcome: { kind: "giveBack" } }).catch(ignore);
      return;
    }
    this.#attempts.start(task, queue);
  }

  /** What lets an enqueue start its task in the turn that stores it. */
  startFor(topic: string, functionName: string): { worker: string; maxRestarts: number } | undefined {
    return this.#claiming ? this.#queues.get(topic)?.startFor(this.#id, functionName) : undefined;
  }

  /** Stops an attempt that runs here. Undefined: it does not. Resolves with the state its task then has. */
  abort(id: string, epoch: number): Promise<TaskState | undefined> | undefined {
    return this.#attempts.abort(id, epoch);
  }

  /** Whether all that runs its tasks can be started. */
  get canStart(): boolean {
    return this.#queues.canStart;
  }

  /** Whether it takes tasks of the topic. */
  serves(topic: string): boolean {
    return this.#queues.serves(topic);
  }

  lineGrew(topic: string): void {
    this.#queues.get(topic)?.lineGrew();
    this.#parts.turns.wake();
  }

  allLinesGrew(): void {
    this.#queues.allLinesGrew();
    this.#parts.turns.wake();
  }

  /**
   * Another process has changed the database, or a turn whose answer was lost: there may be tasks to claim, waits to
   * time, attempts to abort.
   */
  async changedElsewhere(): Promise<void> {
    this.allLinesGrew();
    await this.#promoter.look();
    for (const { id, epoch } of await this.#parts.storage.abortRequests(this.#id)) void this.abort(id, epoch);
  }

  /**
   * Claims no more, gives back what has not begun, lets attempts end within their queue's `shutdownGrace`, asks the rest
   * to end, gives back what does not finish, and lets every child go. What is left to be written is then in the turn
   * loop's hands.
   */
  async stop(): Promise<void> {
    this.#claiming = false;
    this.#promoter.stop();
    const attemptsOver = this.#attempts.endAll();
    await Promise.all([...this.#duties.map((duty) => duty.stop()), this.#rescuer.stop(), this.#startingAnew]);
    await attemptsOver;
    await this.#lease?.stop();
    await this.#queues.close();
    // After every settlement, since the turn keeps the order in which they came.
    void this.#parts.turns.submit({ kind: "disclaim", worker: this.#id, known: [] }).catch(ignore);
    void this.#parts.turns.submit({ kind: "removeWorker", worker: this.#id }).catch(ignore);
  }

  async #register(): Promise<void> {
    const { turns, processes, settings } = this.#parts;
    const id = this.#workerNames.next();
    const worker = { id, heartbeat: 0, leaseMs: settings.leaseMs, process: processes.self };
    await Promise.all([
      turns.submit({ kind: "registerWorker", worker }),
      ...[...settings.queues.values()].map((registration) => {
        const functions = this.#queues.get(registration.topic)?.functions ?? new Map();
        return turns.submit({ kind: "registerTopic", worker: id, registration, functions });
      }),
    ]);
    this.#id = id;
  }

  async #begin(): Promise<void> {
    const { settings } = this.#parts;
    this.#claiming = true;
    this.#keepLease();
    this.#duties = [
      startPruning({ ...this.#parts, topics: settings.queues.keys() }, settings.retention),
      keepOffers({ ...this.#parts, worker: () => this.#id }),
      warnOfUnclaimable(this.#parts),
    ];
    await lookForUnclaimable(this.#parts, (topic) => this.serves(topic));
    await this.#rescuer.start(settings.leaseMs);
    await this.#promoter.look();
    this.allLinesGrew();
  }

  #keepLease(): void {
    const { clock, turns, settings } = this.#parts;
    const worker = this.#id;
    this.#lease = keepLease({ clock, turns, worker, leaseMs: settings.leaseMs, lost: () => this.#leaseLost(worker) });
  }

  /** Others have rescued what runs here: it is stopped, unrecorded, and work goes on under a new id. */
  #leaseLost(worker: string): void {
    // Both a heartbeat and a claim find it out.
    if (worker === this.#lost || worker !== this.#id) return;
    this.#lost = worker;
    const goesOn = this.#claiming;
    this.#claiming = false;
    const message = `Another worker took this one for dead${goesOn ? "; it starts anew" : " while it stopped"}.`;
    this.#parts.emit({ name: "warning", code: "LEASE_LOST", message });
    const allOver = this.#attempts.loseAll();
    if (goesOn) this.#startingAnew = this.#startAnew(allOver);
  }

  async #startAnew(allOver: Promise<void>): Promise<void> {
    const { clock, stopping } = this.#parts;
    await this.#lease?.stop();
    await allOver;
    while (!stopping.aborted && !(await this.#isRegistered())) await sleep(clock, REGISTER_RETRY_MS, stopping);
    if (stopping.aborted) return;
    this.#claiming = true;
    this.#keepLease();
    this.allLinesGrew();
  }

  /** Registers under a new id. False: the database did not take it, which the turn loop reports. */
  #isRegistered(): Promise<boolean> {
    return this.#register().then(
      () => true,
      () => false,
    );
  }

  /** Tasks of a worker that is gone are ready again, or have ended. */
  #rescued(): void {
    this.allLinesGrew();
    this.#parts.ends.check().catch(this.#parts.lookAgain);
  }

  /** The end of an attempt is recorded; no state: by somebody else, or by a turn whose answer was lost. */
  #ended({ id, topic }: ClaimedTask, state: TaskState | undefined): void {
    if (state === undefined) return void this.#parts.ends.check().catch(this.#parts.lookAgain);
    this.#parts.ends.told(id, state);
    if (state === "ready") this.lineGrew(topic);
    if (state === "waiting") void this.#promoter.look();
  }
}

/** For what the turn loop reports as its fault: storage is away, or the instance stops. */
function ignore(): void {}
