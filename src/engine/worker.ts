import { sleep } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { TaskState } from "../core/transitions.ts";
import type { ClaimedTask, ClaimOperation, DisclaimOperation, NewTask, OperationOutcome } from "../storage/port.ts";
import { Attempts } from "./attempts.ts";
import type { ChangeHub, ChangeSubscriber } from "./change-hub.ts";
import type { Claimer } from "./claimer.ts";
import { Duties, type Duty } from "./duties/duty.ts";
import { keepLease } from "./duties/lease.ts";
import { keepOffers } from "./duties/offers.ts";
import { Promotion } from "./duties/promotion.ts";
import { pruning } from "./duties/pruning.ts";
import { Rescue } from "./duties/rescue.ts";
import { warnOfUnclaimable } from "./duties/unclaimable.ts";
import type { Watching } from "./duties/watching.ts";
import { OpenQueues } from "./open-queues.ts";
import type { OwnTasks } from "./own-tasks.ts";
import type { EngineParts, EngineSettings } from "./ports.ts";
import type { TurnLoop } from "./turn-loop.ts";
import { WorkerNames } from "./worker-names.ts";

/** What a worker is made of. */
export interface WorkerParts extends EngineParts {
  readonly settings: EngineSettings;
  readonly turns: TurnLoop;
  readonly own: OwnTasks;
  readonly hub: ChangeHub;
  readonly watching: Watching;
  /** Aborted when the Engine is to stop: a start that is under way then is given up. */
  readonly stopping: AbortSignal;
}

/** How long a worker that lost its lease waits before it tries again to register. */
const REGISTER_RETRY_MS = 250;

/** The part of an Engine that claims tasks and runs them, from `start` to `stop`. */
export class Worker implements Claimer, ChangeSubscriber {
  readonly #parts: WorkerParts;
  readonly #queues: OpenQueues;
  readonly #attempts: Attempts;
  readonly #workerNames: WorkerNames;
  /** What goes on until the last attempt is over, whose task nobody is to rescue. */
  readonly #lasting: Duties;
  readonly #lease: Duty;
  /** What ends as soon as it is to stop. */
  readonly #duties: Duties;
  #id = "";
  /** The last id under which it lost its lease. */
  #lost = "";
  /** Off while it has no lease, and for good once it stops. */
  #claiming = false;
  /** Resolves when a worker that lost its lease goes on under a new id, or is to stop. */
  #startingAnew: Promise<void> | undefined;

  private constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { clock, turns, settings } = parts;
    const { leaseMs, maxPayloadBytes } = settings;
    this.#queues = new OpenQueues(parts);
    this.#attempts = new Attempts({ ...parts, maxPayloadBytes });
    this.#workerNames = new WorkerNames(settings.instance, settings.generation);
    const worker = (): string => this.#id;
    this.#lease = keepLease({ clock, turns, leaseMs, worker, lost: (id) => this.#leaseLost(id) });
    this.#lasting = new Duties([parts.watching, this.#lease]);
    this.#duties = new Duties([
      pruning({ ...parts, topics: settings.queues.keys() }, settings.retention),
      keepOffers({ clock, turns, worker }),
      warnOfUnclaimable({ ...parts, serves: (topic) => this.serves(topic) }),
      new Rescue({
        ...parts,
        leaseMs,
        isSelf: (id) => id === this.#id,
        isPredecessor: (id) => this.#workerNames.isPredecessor(id),
      }),
      new Promotion(parts),
    ]);
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

  claimed(claim: ClaimOperation, outcome: OperationOutcome<ClaimOperation> | undefined): void {
    const queue = this.#queues.get(claim.topic);
    if (outcome?.ok === true) {
      for (const task of outcome.value) this.run(task);
      // More may be ready than one claim takes.
      if (queue?.claimGave(outcome.value.length, claim.limit) === true) this.#parts.turns.wake();
    } else if (outcome !== undefined && isLeaseLost(outcome.error)) this.#leaseLost(claim.worker);
    // It is tried again in the next turn. To ask for one here would repeat what fails without a pause.
    else queue?.expectReady();
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
  startFor({ topic, function: functionName }: NewTask): NewTask["start"] {
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

  /** Another process may have asked for the abort of what runs here. */
  async look(): Promise<void> {
    for (const { id, epoch } of await this.#parts.storage.abortRequests(this.#id)) void this.abort(id, epoch);
  }

  /**
   * Claims no more, gives back what has not begun, lets attempts end within their queue's `shutdownGrace`, asks the rest
   * to end, gives back what does not finish, and lets every child go. What is left to be written is then in the turn
   * loop's hands.
   */
  async stop(): Promise<void> {
    this.#claiming = false;
    const dutiesOver = this.#duties.stop();
    const attemptsOver = this.#attempts.endAll();
    await Promise.all([dutiesOver, this.#startingAnew]);
    await attemptsOver;
    await this.#lasting.stop();
    this.#parts.hub.unsubscribe(this.#queues);
    this.#parts.hub.unsubscribe(this);
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
    const { hub, turns } = this.#parts;
    this.#claiming = true;
    hub.subscribe(this.#queues);
    hub.subscribe(this);
    await this.#lasting.start();
    await this.#duties.start();
    turns.serve(this);
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
    await this.#lease.stop();
    await allOver;
    while (!stopping.aborted && !(await this.#isRegistered())) await sleep(clock, REGISTER_RETRY_MS, stopping);
    if (stopping.aborted) return;
    this.#claiming = true;
    await this.#lease.start();
    this.#queues.look();
  }

  /** Registers under a new id. False: the database did not take it, which the turn loop reports. */
  #isRegistered(): Promise<boolean> {
    return this.#register().then(
      () => true,
      () => false,
    );
  }
}

function isLeaseLost(error: Error): boolean {
  return error instanceof Stage3Error && error.code === "LEASE_LOST";
}

/** For what the turn loop reports as its fault: storage is away, or the instance stops. */
function ignore(): void {}
