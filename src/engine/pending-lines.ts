import { assertNever } from "../core/errors.ts";
import type { Operation } from "../storage/port.ts";
import type { Pending } from "./pending-operations.ts";

/** The most tasks, or other operations, and bytes that one turn takes to storage. */
const LARGEST_TURN = 1_000;
const LARGEST_TURN_BYTES = 4 * 1024 * 1024;
/** What a turn keeps free for enqueues that wait, so that nothing urgent holds them up for ever. */
const KEPT_FOR_ENQUEUES = 100;

/** What one turn takes: first what is urgent, then, after the claims, what waits in line. */
export interface TurnBatch {
  readonly urgent: readonly Pending[];
  readonly enqueues: readonly Pending[];
}

/**
 * The operations that wait for their turn, in three lines: the upkeep of the worker, changes of tasks, and enqueues. A
 * turn takes of each in this order, so that neither a lease nor an abort nor the end of an attempt waits for a backlog
 * of enqueues. A change of a task whose enqueue still waits goes behind it: the order of what is done to one task stays.
 */
export class PendingLines {
  #upkeep: Pending[] = [];
  #changes: Pending[] = [];
  #enqueues: Pending[] = [];
  /** The tasks whose enqueues wait. */
  readonly #waiting = new Set<string>();

  get isEmpty(): boolean {
    return this.#upkeep.length + this.#changes.length + this.#enqueues.length === 0;
  }

  add(pending: Pending): void {
    if (isUpkeep(pending.operation)) this.#upkeep.push(pending);
    else if (pending.newTasks.length === 0 && !this.#changesWaitingTask(pending)) this.#changes.push(pending);
    else this.#enqueues.push(this.#noted(pending));
  }

  /** Takes out what goes next, as much as fits into one turn: of each line one at the least, whatever its size. */
  takeTurn(): TurnBatch {
    const kept = this.#enqueues.length > 0 ? KEPT_FOR_ENQUEUES : 0;
    const room = { items: LARGEST_TURN - kept, bytes: LARGEST_TURN_BYTES };
    const urgent = [...take(this.#upkeep, room), ...take(this.#changes, room)];
    room.items += kept;
    const enqueues = take(this.#enqueues, room);
    for (const { newTasks } of enqueues) for (const { id } of newTasks) this.#waiting.delete(id);
    return { urgent, enqueues };
  }

  /** Puts back what a turn could not write, in front of what has come meanwhile. */
  giveBack({ urgent, enqueues }: TurnBatch): void {
    this.#upkeep.unshift(...urgent.filter(({ operation }) => isUpkeep(operation)));
    this.#changes.unshift(...urgent.filter(({ operation }) => !isUpkeep(operation)));
    this.#enqueues.unshift(...enqueues.map((pending) => this.#noted(pending)));
    const late = this.#changes.filter((pending) => this.#changesWaitingTask(pending));
    if (late.length === 0) return;
    this.#changes = this.#changes.filter((pending) => !this.#changesWaitingTask(pending));
    this.#enqueues.push(...late);
  }

  /** Takes out all that `isOver` says so of. */
  takeOut(isOver: (pending: Pending) => boolean): Pending[] {
    const lines = [this.#upkeep, this.#changes, this.#enqueues];
    const over = lines.flatMap((line) => line.filter(isOver));
    if (over.length === 0) return over;
    const stays = (pending: Pending): boolean => !isOver(pending);
    this.#upkeep = this.#upkeep.filter(stays);
    this.#changes = this.#changes.filter(stays);
    this.#enqueues = this.#enqueues.filter(stays);
    for (const { newTasks } of over) for (const { id } of newTasks) this.#waiting.delete(id);
    return over;
  }

  #noted(pending: Pending): Pending {
    for (const { id } of pending.newTasks) this.#waiting.add(id);
    return pending;
  }

  #changesWaitingTask({ operation }: Pending): boolean {
    return "id" in operation && this.#waiting.has(operation.id);
  }
}

function take(line: Pending[], room: { items: number; bytes: number }): Pending[] {
  let count = 0;
  for (const { newTasks, bytes } of line) {
    const items = Math.max(newTasks.length, 1);
    if (count > 0 && (items > room.items || bytes > room.bytes)) break;
    room.items -= items;
    room.bytes -= bytes;
    count += 1;
  }
  return line.splice(0, count);
}

/** What no task waits for but the worker, and what keeps storage in order. Taking leave is not: it follows the ends. */
function isUpkeep({ kind }: Operation): boolean {
  switch (kind) {
    case "heartbeat":
    case "registerWorker":
    case "registerTopic":
    case "renewOffers":
    case "rescue":
    case "promote":
    case "prune":
    case "pruneKeys":
    case "probe":
      return true;
    case "enqueue":
    case "enqueueMany":
    case "claim":
    case "settle":
    case "disclaim":
    case "progress":
    case "abort":
    case "requeue":
    case "discard":
    case "removeWorker":
      return false;
    default:
      return assertNever(kind);
  }
}
