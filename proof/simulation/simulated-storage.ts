import { ForwardedReads } from "../../src/storage/forwarded-reads.ts";
import type { Clock } from "../../src/core/clock.ts";
import { sleep } from "../../src/core/clock.ts";
import { repeat } from "../../src/core/repeat.ts";
import { Stage3Error } from "../../src/core/errors.ts";
import {
  type ClaimedTask,
  type Operation,
  type OperationOutcome,
  type OperationResults,
  type Storage,
  StorageBusy,
  type TurnAnswer,
  type TurnTime,
  type Watch,
} from "../../src/storage/port.ts";
import type { HistoryEvent } from "../history/events.ts";
import type { Chance } from "./chance.ts";
import type { SharedChanges } from "./shared-changes.ts";

/** How often which of a storage's faults happens, as a probability for each call. */
export interface StorageFaults {
  readonly delay: number;
  readonly longestDelayMs: number;
  readonly busy: number;
  readonly failBefore: number;
  /** Applied, but the answer is lost. */
  readonly failAfter: number;
  /** What is stored of a task that is claimed cannot be read. */
  readonly unreadable: number;
}

export const NO_STORAGE_FAULTS: StorageFaults = {
  delay: 0,
  longestDelayMs: 0,
  busy: 0,
  failBefore: 0,
  failAfter: 0,
  unreadable: 0,
};

/** How often it is looked whether others have changed something. */
const WATCH_MS = 20;

/** How long a rescue may rest between two of its turns. */
const LONGEST_REST_MS = 300;

export interface SimulatedStorageParts {
  readonly storage: Storage;
  readonly worker: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly faults: () => StorageFaults;
  readonly record: (event: HistoryEvent) => void;
  readonly changes: SharedChanges;
  readonly trueMs: () => number;
  /** Whether somebody else stands still within a write. */
  readonly isLocked: () => boolean;
}

/** One worker's way to a production storage: slow and unreliable as it is told to be, and with a witness. */
export class SimulatedStorage extends ForwardedReads implements Storage {
  readonly isShared = true;
  readonly #parts: SimulatedStorageParts;

  constructor(parts: SimulatedStorageParts) {
    super();
    this.#parts = parts;
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<TurnAnswer<Operations>>;
  async turn(given: readonly Operation[], time: TurnTime): Promise<unknown> {
    const { storage, chance, clock, worker, record, changes } = this.#parts;
    const faults = await this.#before();
    if (this.#parts.isLocked() || chance.happens(faults.busy)) throw new StorageBusy();
    const operations = given.map(inSmallSteps);
    const commit = storage.turn(operations, time);
    // Both storages commit before they return their promise, so this is the order of the commits.
    const outcomes: OperationOutcome<Operation>[] = [];
    record({ kind: "committed", at: time.now, trueMs: this.#parts.trueMs(), worker, operations, outcomes });
    const isUnreadable = (): boolean => chance.happens(faults.unreadable);
    const answer = await commit;
    for (const [index, outcome] of answer.outcomes.entries()) {
      outcomes.push(operations[index]?.kind === "claim" ? damaged(outcome, isUnreadable) : outcome);
    }
    // A turn that only looked for tasks and found none has written nothing.
    if (outcomes.some((outcome) => !isEmpty(outcome))) changes.changedBy(worker);
    // So that whoever is rescued may wake up in between.
    if (outcomes.some(isHalfARescue)) await sleep(clock, chance.between(0, LONGEST_REST_MS));
    // Its worker may crash, or be taken for dead, before it hears of what was done.
    if (chance.happens(faults.delay)) await sleep(clock, chance.between(0, faults.longestDelayMs));
    if (chance.happens(faults.failAfter)) throw unavailable("The answer was lost.");
    return { outcomes, changes: answer.changes };
  }

  watch(listener: () => void): Watch {
    const { changes, clock, worker } = this.#parts;
    let seen = changes.madeByOthers(worker);
    const look = async (): Promise<void> => {
      // What cannot be asked counts as changed.
      const isKnown = await this.#before().then(
        () => true,
        () => false,
      );
      const made = changes.madeByOthers(worker);
      if (isKnown && made === seen) return;
      seen = made;
      listener();
    };
    const repeating = repeat(clock, WATCH_MS, look);
    return { stop: () => void repeating.stop() };
  }

  /** The simulation closes its connections itself. */
  async [Symbol.asyncDispose](): Promise<void> {}

  protected override async target(): Promise<Storage> {
    await this.#before();
    return this.#parts.storage;
  }

  /** Delays and failures that come before anything is done. */
  async #before(): Promise<StorageFaults> {
    const { chance, clock } = this.#parts;
    const faults = this.#parts.faults();
    if (chance.happens(faults.delay)) await sleep(clock, chance.between(0, faults.longestDelayMs));
    if (chance.happens(faults.failBefore)) throw unavailable("The call did not arrive.");
    return faults;
  }
}

/** A rescue takes its tasks one by one, as if they were too many for one turn. */
function inSmallSteps(operation: Operation): Operation {
  return operation.kind === "rescue" ? { ...operation, limit: 1 } : operation;
}

/** The answer to a claim, some of whose tasks cannot be read. */
function damaged(outcome: OperationOutcome<Operation>, isUnreadable: () => boolean): OperationOutcome<Operation> {
  if (!outcome.ok) return outcome;
  const tasks = outcome.value as OperationResults["claim"];
  return { ok: true, value: tasks.map((task) => (isUnreadable() ? unreadable(task) : task)) };
}

function unreadable(task: ClaimedTask): ClaimedTask {
  return { ...task, unreadable: "It is damaged." };
}

function isHalfARescue(outcome: OperationOutcome<Operation>): boolean {
  return outcome.ok && typeof outcome.value === "object" && "rescued" in outcome.value && !outcome.value.done;
}

function isEmpty(outcome: OperationOutcome<Operation>): boolean {
  return outcome.ok && Array.isArray(outcome.value) && outcome.value.length === 0;
}

function unavailable(message: string): Stage3Error {
  return new Stage3Error("DATABASE_UNAVAILABLE", message);
}
