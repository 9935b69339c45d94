import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import {
  type DisclaimOperation,
  type Operation,
  type OperationResults,
  type Storage,
  StorageBusy,
  type TurnAnswer,
} from "../storage/port.ts";
import { PATIENCE_MS } from "./api.ts";
import type { ChangeHub } from "./change-hub.ts";
import type { Claimer } from "./claimer.ts";
import { BUSY_RETRY_MS, lockedTooLong } from "./patience.ts";
import { PendingLines, type TurnBatch } from "./pending-lines.ts";
import { type Pending, pendingOf, unasked } from "./pending-operations.ts";
import { StorageFault } from "./storage-fault.ts";
import { allOf, answerTurn, composeTurn, type Turn } from "./turn.ts";

const FAULT_RETRY_MS = 250;

/** Heads each turn after a fault: one that only claims, and finds nothing, would write nothing and prove nothing. */
const PROBE = unasked({ kind: "probe" }, () => undefined);

export interface TurnLoopParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly hub: ChangeHub;
  readonly emit: Emit;
  /** Whether no turn may be made any more: see `EngineParts`. */
  readonly isCut?: () => boolean;
}

/**
 * Group commit without delay: what has come in since the last turn goes to storage as one transaction, and its callers
 * are answered once that has committed. While one turn commits, the next gathers.
 */
export class TurnLoop {
  readonly #parts: TurnLoopParts;
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #fault = new StorageFault();
  readonly #pending = new PendingLines();
  /** When the first of the turns began that have failed in a row; undefined: the last one was written. */
  #awaySince: number | undefined;
  /** Undefined: no worker has been started. */
  #claimer: Claimer | undefined;
  #wanted = false;
  #running = false;
  #retry: Timer | undefined;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(parts: TurnLoopParts) {
    this.#parts = parts;
    this.#storage = parts.storage;
    this.#clock = parts.clock;
  }

  /** From now on turns claim for this worker. */
  serve(claimer: Claimer): void {
    this.#claimer = claimer;
    this.wake();
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
      await this.#storage.turn([{ kind: "probe" }], { now: this.#clock.now() });
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
      const settle: Pending["settle"] = (outcome) =>
        outcome.ok ? resolve(outcome.value as OperationResults[Op["kind"]]) : reject(outcome.error);
      this.#pending.add(pendingOf(operation, submittedAt, settle));
      this.wake();
    });
  }

  #schedule(): void {
    this.#running = true;
    this.#clock.defer(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    // For ever: the loop counts as running, and nobody is answered.
    if (this.#parts.isCut?.() === true) return;
    this.#wanted = false;
    const turn = composeTurn(this.#pending.takeTurn(), this.#own(), this.#claimer);
    try {
      if (turn.operations.length > 0) await this.#make(turn);
    } finally {
      this.#running = false;
      this.#next();
    }
  }

  /** What has to be done before anything else because of a fault. */
  #own(): Pending[] {
    const own: Pending[] = [];
    if (this.#fault.needsProbe) own.push(PROBE);
    if (this.#fault.leavesDoubt && this.#claimer !== undefined) own.push(this.#unasked(this.#claimer.disclaimer()));
    return own;
  }

  async #make(turn: Turn): Promise<void> {
    const beganAt = this.#clock.monotonic();
    let answer: TurnAnswer;
    try {
      answer = await this.#storage.turn(turn.operations, { now: this.#clock.now() });
    } catch (error) {
      for (const claim of turn.claims) this.#claimer?.claimed(claim, undefined);
      this.#awaySince ??= beganAt;
      this.#failed(turn.batch, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#committed(turn, answer);
  }

  /** What goes wrong from here on is no fault of storage. */
  #committed(turn: Turn, answer: TurnAnswer): void {
    const { urgent, enqueues } = turn.batch;
    const wasInDoubt = this.#fault.leavesDoubt;
    this.#fault.recovered();
    this.#awaySince = undefined;
    if (urgent.length + enqueues.length > 0) this.#fault.callsAnswered();
    allOf([
      () => answerTurn(turn, answer, this.#claimer),
      // After the answers to the claims: what is ready now, those have left.
      () => this.#parts.hub.tell(answer.changes),
      () => this.#settleDoubt(wasInDoubt),
    ]);
  }

  #settleDoubt(wasInDoubt: boolean): void {
    // Where no worker was ever started, nothing runs in its name.
    if (this.#claimer === undefined) this.#fault.doubtSettled();
    if (wasInDoubt && !this.#fault.leavesDoubt) this.#parts.hub.lookAround();
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

  /**
   * As far as anybody knows, nothing was applied: what may still wait goes back to the front, the rest is answered with
   * the error. So is what has waited too long behind this turn: outcomes that are kept may fill turn after turn.
   */
  #failed({ urgent, enqueues }: TurnBatch, error: Error): void {
    if (this.#closed) return this.#refuse([...urgent, ...enqueues]);
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
    if ((refused.length > 0 || !busy) && this.#fault.tellOnce()) {
      this.#parts.emit({ name: "warning", code: "DATABASE_UNAVAILABLE", message: answer.message });
    }
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
    this.#refuse(this.#pending.takeOut(() => true));
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Nothing is tried any more. */
  #refuse(operations: readonly Pending[]): void {
    const error = new Stage3Error("STOPPED", "This instance stopped before the database took the change.");
    for (const pending of operations) pending.settle({ ok: false, error });
  }
}
