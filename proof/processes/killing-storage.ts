import { ForwardedReads } from "../../src/storage/forwarded-reads.ts";
import { systemClock } from "../../src/core/clock.ts";
import type {
  Operation,
  OperationOutcome,
  OperationResults,
  Storage,
  TurnAnswer,
  TurnTime,
} from "../../src/storage/port.ts";
import { Killer } from "./killer.ts";
import type { KillPoint } from "./worker-settings.ts";

/** What is to happen the next time its point is reached. */
interface Plan {
  readonly point: KillPoint;
  /** How far into the turn, from 0 to 1, where it is to be within one. */
  readonly fraction: number;
  readonly killer: Killer | undefined;
}

/** A way to a production storage on which this process can be told to kill itself at a named point. */
export class KillingStorage extends ForwardedReads implements Storage {
  readonly isShared: boolean;
  readonly #storage: Storage;
  #plan: Plan | undefined;
  /** How long the last turns took within SQLite. */
  #turnMs = 1;
  #missed = 0;

  constructor(storage: Storage) {
    super();
    this.#storage = storage;
    this.isShared = storage.isShared;
  }

  async killAt(point: KillPoint, fraction: number): Promise<void> {
    const killer = point === "insideCommit" || point === "duringPruning" ? await Killer.start() : undefined;
    this.#plan = { point, fraction, killer };
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<TurnAnswer<Operations>>;
  async turn(operations: readonly Operation[], time: TurnTime): Promise<unknown> {
    const plan = this.#plan;
    if (plan?.point === "beforeSettle" && operations.some(isSettle)) die();
    const answer = await this.#turn(operations, time, plan);
    const { outcomes } = answer;
    if (plan?.point === "afterSettle" && operations.some(isSettle)) die();
    if (plan?.point === "afterLeaving" && operations.some(isLeaving)) die();
    if (plan?.point === "afterClaim" && operations.some((operation, index) => took(operation, outcomes[index]))) die();
    return answer;
  }

  readonly watch: Storage["watch"] = (listener) => this.#storage.watch(listener);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#storage[Symbol.asyncDispose]();
  }

  protected override target(): Storage {
    return this.#storage;
  }

  #turn(operations: readonly Operation[], time: TurnTime, plan: Plan | undefined): Promise<TurnAnswer> {
    const startedAt = systemClock.monotonic();
    // It does all its work before it returns its promise.
    const run = (): Promise<TurnAnswer> => this.#storage.turn(operations, time);
    const isMeant = plan?.killer !== undefined && operations.some(plan.point === "duringPruning" ? isPrune : writes);
    if (!isMeant) {
      const answer = run();
      this.#turnMs = (this.#turnMs + systemClock.monotonic() - startedAt) / 2;
      return answer;
    }
    // A turn that was over too soon is no reason to give up; the next one is killed earlier.
    const afterMs = (this.#turnMs * plan.fraction) / 2 ** this.#missed;
    this.#missed += 1;
    return plan.killer.during(run, afterMs);
  }
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered before anything else is done.
  throw new Error("This process was to be killed.");
}

function isSettle({ kind }: Operation): boolean {
  return kind === "settle";
}

function isLeaving({ kind }: Operation): boolean {
  return kind === "removeWorker";
}

function isPrune({ kind }: Operation): boolean {
  return kind === "prune";
}

function writes({ kind }: Operation): boolean {
  return kind === "settle" || kind === "enqueue";
}

function took(operation: Operation, outcome: OperationOutcome<Operation> | undefined): boolean {
  if (operation.kind !== "claim" || outcome?.ok !== true) return false;
  return (outcome.value as OperationResults["claim"]).length > 0;
}
