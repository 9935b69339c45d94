import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import {
  type ClaimOperation,
  type DisclaimOperation,
  type NewTask,
  type Operation,
  type OperationOutcome,
  type OperationResults,
  type Storage,
  StorageBusy,
} from "../storage/port.ts";
import type { ClaimSource } from "./claim-source.ts";
import { PATIENCE_MS } from "./api.ts";
import { BUSY_RETRY_MS, lockedTooLong } from "./patience.ts";
import { PendingLines, type TurnBatch } from "./pending-lines.ts";
import { bytesOf, newTasksOf, type Pending, startedBy, startingNow, topicsOf } from "./pending-operations.ts";
import { StorageFault } from "./storage-fault.ts";

const FAULT_RETRY_MS = 250;

/** More than most turns write: what fits where they do not would prove nothing. */
const PROBE_BYTES = 64 * 1024;
/** Heads each turn after a fault: one that only claims, and finds nothing, would write nothing and prove nothing. */
const PROBE = unasked({ kind: "probe", bytes: PROBE_BYTES }, () => undefined);

/**
 * Group commit without delay: what has come in since the last turn goes to storage as one transaction, and its callers
 * are answered once that has committed. While one turn commits, the next gathers.
 */
export class TurnLoop {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #source: ClaimSource;
  readonly #fault = new StorageFault();
  readonly #pending = new PendingLines();
  /** When the first of the turns began that have failed in a row; undefined: the last one was written. */
  #awaySince: number | undefined;
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

  /**
   * Puts an operation into the next turn in which there is room. Rejects after five seconds without a storage that takes
   * it; the time that it waits behind others does not count.
   */
  submit<Op extends Operation>(operation: Op): Promise<OperationResults[Op["kind"]]> {
    return this.#add(operation, this.#clock.monotonic());
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
    this.#awaySince = undefined;
    return this.#fault.error === undefined;
  }

  /** Somebody else than a turn has found storage to be away or damaged: it is tried until it takes a write. */
  foundAway(error: Error): void {
    this.#fault.found(error);
    // What is under way finds out by itself whether it is away.
    if (!this.#fault.needsProbe && !this.#running && !this.#closed) this.#failed({ urgent: [], enqueues: [] }, error);
  }

  /** Writes what is pending, the urgent first, for at most five seconds, and takes nothing more. */
  async close(): Promise<void> {
    const deadline = this.#clock.setTimer(PATIENCE_MS, () => this.#abandon());
    if (this.#running || this.#wanted || !this.#pending.isEmpty) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
    deadline.cancel();
    this.#abandon();
  }

  #add<Op extends Operation>(operation: Op, submittedAt: number): Promise<OperationResults[Op["kind"]]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Stage3Error("STOPPED", "This instance has stopped; open another."));
      this.#pending.add({
        operation,
        submittedAt,
        bytes: bytesOf(operation),
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
    // For ever: the loop counts as running, and nobody is answered.
    if (this.#source.isCut?.() === true) return;
    this.#wanted = false;
    const beganAt = this.#clock.monotonic();
    const batch = this.#pending.takeTurn();
    const changes = [...batch.urgent];
    const { enqueues } = batch;
    const wasInDoubt = this.#fault.leavesDoubt;
    const disclaimer = wasInDoubt ? this.#source.disclaimer() : undefined;
    if (disclaimer !== undefined) changes.unshift(this.#unasked(disclaimer));
    if (this.#fault.needsProbe) changes.unshift(PROBE);
    const claims = this.#source.claims(topicsOf(enqueues));
    if (changes.length + claims.length + enqueues.length > 0) {
      const startFor = (task: NewTask): NewTask["start"] => this.#source.startFor(task);
      const stores = enqueues.map(({ operation }) => startingNow(operation, startFor));
      const operations = [...changes.map(operationOf), ...claims, ...stores];
      try {
        const outcomes = await this.#storage.turn(operations, { now: this.#clock.now() });
        this.#fault.recovered();
        this.#awaySince = undefined;
        if (batch.urgent.length + enqueues.length > 0) this.#fault.callsAnswered();
        this.#answer(changes, outcomes.slice(0, changes.length));
        this.#answerClaims(claims, outcomes.slice(changes.length, changes.length + claims.length));
        this.#answer(enqueues, outcomes.slice(changes.length + claims.length));
        if (disclaimer === undefined) this.#fault.doubtSettled();
        if (wasInDoubt && !this.#fault.leavesDoubt) this.#source.doubtOver();
      } catch (error) {
        for (const claim of claims) this.#source.notClaimed(claim);
        this.#awaySince ??= beganAt;
        this.#failed(batch, error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#running = false;
    this.#next();
  }

  /** Not kept for another turn when this one fails: by then, more may be in doubt. */
  #unasked(disclaimer: DisclaimOperation): Pending {
    return unasked(disclaimer, (outcome) => {
      if (outcome.ok) this.#fault.doubtSettled();
    });
  }

  #next(): void {
    if (this.#retry !== undefined) return;
    if (!this.#pending.isEmpty || this.#wanted) return this.#schedule();
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
  #failed({ urgent, enqueues }: TurnBatch, error: Error): void {
    const busy = error instanceof StorageBusy;
    const now = this.#clock.monotonic();
    this.#awaySince ??= now;
    const awaySince = this.#awaySince;
    const isOver = ({ submittedAt }: Pending): boolean => Math.max(submittedAt, awaySince) + PATIENCE_MS <= now;
    const waits = (pending: Pending): boolean =>
      busy ? !isOver(pending) : pending.submittedAt === Number.POSITIVE_INFINITY;
    const answer = busy ? lockedTooLong(error) : error;
    this.#fault.failed(answer, busy);
    const behind = this.#pending.takeOut(isOver);
    this.#pending.giveBack({ urgent: urgent.filter(waits), enqueues: enqueues.filter(waits) });
    const refused = [...[...urgent, ...enqueues].filter((pending) => !waits(pending)), ...behind];
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
    for (const pending of this.#pending.takeOut(() => true)) pending.settle({ ok: false, error });
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/** An operation of the loop's own, of which nobody waits for the answer. */
function unasked(operation: Operation, settle: Pending["settle"]): Pending {
  return { operation, newTasks: [], bytes: 0, submittedAt: 0, settle };
}

function operationOf(pending: Pending): Operation {
  return pending.operation;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`A storage answered more operations than it was given.`);
  return item;
}
