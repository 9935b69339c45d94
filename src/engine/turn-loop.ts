import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import {
  type ClaimedTask,
  type ClaimOperation,
  type DisclaimOperation,
  type NewTask,
  type Operation,
  type OperationOutcome,
  type OperationResults,
  type Storage,
  StorageBusy,
} from "../storage/port.ts";
import { BUSY_RETRY_MS, lockedTooLong, PATIENCE_MS } from "./patience.ts";
import { newTasksOf, type Pending, startedBy, startingNow, takeTurn, topicsOf } from "./pending-operations.ts";
import { StorageFault } from "./storage-fault.ts";

const FAULT_RETRY_MS = 250;

/** More than most turns write: what fits where they do not would prove nothing. */
const PROBE_BYTES = 64 * 1024;
/** Heads each turn after a fault: one that only claims, and finds nothing, would write nothing and prove nothing. */
const PROBE: Pending = {
  operation: { kind: "probe", bytes: PROBE_BYTES },
  newTasks: [],
  giveUpAt: 0,
  settle: () => undefined,
};

/** Whom the loop asks for claims, and tells what was claimed. */
export interface ClaimSource {
  /** The claims to make in this turn; `topics` are those of the enqueues that follow in it. */
  claims(topics: ReadonlySet<string>): readonly ClaimOperation[];
  /** What lets a task be started in the turn that stores it; undefined: nobody here can. Asked right before the turn. */
  startFor(task: NewTask): NewTask["start"];
  /** The answer to one claim. */
  claimed(claim: ClaimOperation, tasks: readonly ClaimedTask[]): void;
  /** A task that was started in the same turn that stored it. */
  startedAtOnce(task: ClaimedTask): void;
  /** What to give back because the answer to an earlier turn was lost; undefined: nothing runs here. */
  disclaimer(): DisclaimOperation | undefined;
  /** Answers were lost, and storage answers again: what their turns have done can be read now. */
  doubtOver(): void;
  /** A claim could not be made in this turn; `error`: why, where it failed by itself. */
  notClaimed(claim: ClaimOperation, error?: Error): void;
  /** Calls are being answered with this error; told once, until a turn succeeds again. */
  failing(error: Error): void;
}

/**
 * Group commit without delay: what has come in since the last turn goes to storage as one transaction, and its callers
 * are answered once that has committed. While one turn commits, the next gathers.
 */
export class TurnLoop {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #source: ClaimSource;
  readonly #fault = new StorageFault();
  #pending: Pending[] = [];
  #wanted = false;
  #running = false;
  #retry: Timer | undefined;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(storage: Storage, clock: Clock, source: ClaimSource) {
    this.#storage = storage;
    this.#clock = clock;
    this.#source = source;
  }

  /** The error that keeps storage from being written just now. */
  get fault(): Error | undefined {
    return this.#fault.error;
  }

  /** Puts an operation into the next turn. Rejects after five seconds without a storage that takes it. */
  submit<Op extends Operation>(operation: Op): Promise<OperationResults[Op["kind"]]> {
    return this.#add(operation, this.#clock.monotonic() + PATIENCE_MS);
  }

  /** As {@link submit}, for the outcome of an attempt: kept until it is written, however long storage is away. */
  submitForGood<Op extends Operation>(operation: Op): Promise<OperationResults[Op["kind"]]> {
    return this.#add(operation, Number.POSITIVE_INFINITY);
  }

  /** Sees to it that a turn runs soon, even if only to claim. */
  wake(): void {
    if (this.#wanted || this.#closed) return;
    this.#wanted = true;
    if (!this.#running && this.#retry === undefined) this.#schedule();
  }

  /** Whether storage takes a write again after a fault. */
  async probe(): Promise<boolean> {
    try {
      // By itself it has to ask for as much as a turn that carries something beside it.
      await this.#storage.turn([{ kind: "probe", bytes: 2 * PROBE_BYTES }], { now: this.#clock.now() });
    } catch {
      return false;
    }
    this.#fault.recovered();
    return this.#fault.error === undefined;
  }

  /** Somebody else than a turn has found storage to be away or damaged: it is tried until it takes a write. */
  foundAway(error: Error): void {
    this.#fault.found(error);
    // What is under way finds out by itself whether it is away.
    if (!this.#fault.needsProbe && !this.#running && !this.#closed) this.#failed([], error);
  }

  /** Writes what is pending, for at most five seconds, and takes nothing more. */
  async close(): Promise<void> {
    const deadline = this.#clock.setTimer(PATIENCE_MS, () => this.#abandon());
    if (this.#running || this.#wanted || this.#pending.length > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
    deadline.cancel();
    this.#abandon();
  }

  #add<Op extends Operation>(operation: Op, giveUpAt: number): Promise<OperationResults[Op["kind"]]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Stage3Error("STOPPED", "This instance has stopped; open another."));
      this.#pending.push({
        operation,
        giveUpAt,
        newTasks: newTasksOf(operation),
        settle: (outcome) =>
          outcome.ok ? resolve(outcome.value as OperationResults[Op["kind"]]) : reject(outcome.error),
      });
      this.wake();
    });
  }

  #schedule(): void {
    this.#running = true;
    this.#clock.defer(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    this.#wanted = false;
    const batch = takeTurn(this.#pending);
    const changes = batch.filter(({ newTasks }) => newTasks.length === 0);
    const enqueues = batch.filter(({ newTasks }) => newTasks.length > 0);
    const wasInDoubt = this.#fault.leavesDoubt;
    const disclaimer = wasInDoubt ? this.#source.disclaimer() : undefined;
    if (disclaimer !== undefined) changes.unshift(this.#pendingDisclaimer(disclaimer));
    if (this.#fault.needsProbe) changes.unshift(PROBE);
    const claims = this.#source.claims(topicsOf(enqueues));
    if (changes.length + claims.length + enqueues.length > 0) {
      const startFor = (task: NewTask): NewTask["start"] => this.#source.startFor(task);
      const stores = enqueues.map(({ operation }) => startingNow(operation, startFor));
      const operations = [...changes.map(operationOf), ...claims, ...stores];
      try {
        const outcomes = await this.#storage.turn(operations, { now: this.#clock.now() });
        this.#fault.recovered();
        if (batch.length > 0) this.#fault.callsAnswered();
        this.#answer(changes, outcomes.slice(0, changes.length));
        this.#answerClaims(claims, outcomes.slice(changes.length, changes.length + claims.length));
        this.#answer(enqueues, outcomes.slice(changes.length + claims.length));
        if (disclaimer === undefined) this.#fault.doubtSettled();
        if (wasInDoubt && !this.#fault.leavesDoubt) this.#source.doubtOver();
      } catch (error) {
        for (const claim of claims) this.#source.notClaimed(claim);
        this.#failed(batch, error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#running = false;
    this.#next();
  }

  /** Not kept for another turn when this one fails: by then, more may be in doubt. */
  #pendingDisclaimer(operation: DisclaimOperation): Pending {
    const settle = (outcome: OperationOutcome<Operation>): void => {
      if (outcome.ok) this.#fault.doubtSettled();
    };
    return { operation, newTasks: [], giveUpAt: 0, settle };
  }

  #next(): void {
    if (this.#retry !== undefined) return;
    if (this.#pending.length > 0 || this.#wanted) return this.#schedule();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #answer(pending: readonly Pending[], outcomes: readonly OperationOutcome<Operation>[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const { operation, settle } = at(pending, index);
      if (outcome.ok) for (const task of startedBy(operation, outcome.value)) this.#source.startedAtOnce(task);
      settle(outcome);
    }
  }

  #answerClaims(claims: readonly ClaimOperation[], outcomes: readonly OperationOutcome<Operation>[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const claim = at(claims, index);
      if (outcome.ok) this.#source.claimed(claim, outcome.value as OperationResults["claim"]);
      else this.#source.notClaimed(claim, outcome.error);
    }
  }

  /**
   * As far as anybody knows, nothing was applied: what may still wait goes back to the front, the rest is answered with
   * the error. So is what has waited too long behind this turn: outcomes that are kept may fill turn after turn.
   */
  #failed(batch: Pending[], error: Error): void {
    const busy = error instanceof StorageBusy;
    const now = this.#clock.monotonic();
    const waits = (pending: Pending): boolean =>
      busy ? pending.giveUpAt > now : pending.giveUpAt === Number.POSITIVE_INFINITY;
    const answer = busy ? lockedTooLong(error) : error;
    this.#fault.failed(answer, busy);
    const behind = this.#pending;
    this.#pending = [...batch.filter(waits), ...behind.filter(({ giveUpAt }) => giveUpAt > now)];
    const refused = [
      ...batch.filter((pending) => !waits(pending)),
      ...behind.filter(({ giveUpAt }) => giveUpAt <= now),
    ];
    for (const pending of refused) pending.settle({ ok: false, error: answer });
    if ((refused.length > 0 || !busy) && this.#fault.tellOnce()) this.#source.failing(answer);
    if (this.#closed) return;
    this.#retry?.cancel();
    this.#retry = this.#clock.setTimer(busy ? BUSY_RETRY_MS : FAULT_RETRY_MS, () => {
      this.#retry = undefined;
      if (!this.#running) this.#schedule();
    });
  }

  #abandon(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    const error = new Stage3Error("STOPPED", "This instance stopped before the database took the change.");
    for (const pending of this.#pending.splice(0)) pending.settle({ ok: false, error });
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function operationOf(pending: Pending): Operation {
  return pending.operation;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`A storage answered more operations than it was given.`);
  return item;
}
