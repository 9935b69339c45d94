import type { Commit, StorageLock, WorkerEvent } from "./events.ts";
import type { Accuse } from "./rules.ts";
import { Standstills } from "./standstills.ts";

/** How much of a standstill of its own an observer may take for silence of others, as a part of a lease. */
const TOLERATED_STALL = 1 / 6;
/** How much of a time in which nobody could write: it finds out only when it writes itself. */
const TOLERATED_LOCK = 5 / 6;

/**
 * Who may be taken for dead: a worker that is, or that has not moved its heartbeat for a whole lease in which whoever
 * judges it was awake, and could have written itself.
 */
export class Leases {
  readonly #leaseMs: number;
  readonly #accuse: Accuse;
  /** By worker id: when its heartbeat was last written, in true time. */
  readonly #beats = new Map<string, number>();
  /** By instance. */
  readonly #gone = new Set<string>();
  readonly #stalls = new Map<string, Standstills>();
  readonly #locks = new Standstills();
  /** By worker id: those whose rescue has begun. */
  readonly #condemned = new Set<string>();

  constructor(leaseMs: number, accuse: Accuse) {
    this.#leaseMs = leaseMs;
    this.#accuse = accuse;
  }

  worker({ worker, event, trueMs }: WorkerEvent): void {
    if (event === "crashed" || event === "stopped") this.#gone.add(worker);
    if (trueMs === undefined) return;
    if (event === "stalled") this.#stallsOf(worker).began(trueMs);
    if (event === "woken") this.#stallsOf(worker).ended(trueMs);
  }

  locked({ isHeld, trueMs }: StorageLock): void {
    if (isHeld) this.#locks.began(trueMs);
    else this.#locks.ended(trueMs);
  }

  committed({ worker, operations, outcomes, trueMs }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      if (operation.kind === "registerWorker") this.#beats.set(operation.worker.id, trueMs);
      if (operation.kind === "heartbeat" && outcome.value === true) this.#beats.set(operation.worker, trueMs);
      if (operation.kind === "rescue" && isRescue(outcome.value)) this.#rescued(operation.worker, worker, trueMs);
    }
  }

  #rescued(worker: string, rescuer: string, trueMs: number): void {
    const [instance = ""] = worker.split(".");
    if (this.#condemned.has(worker)) return;
    this.#condemned.add(worker);
    const since = { from: this.#beats.get(worker) ?? Number.NEGATIVE_INFINITY, to: trueMs };
    const lease = this.#leaseMs;
    const stalledMs = this.#stallsOf(rescuer).longerThan(lease * TOLERATED_STALL, since);
    const lockedMs = this.#locks.longerThan(lease * TOLERATED_LOCK, since);
    // One may be the reason of the other: whoever stands still within a write is both.
    const silentMs = trueMs - since.from - Math.max(stalledMs, lockedMs);
    // Rounded, since a clock counts from a moment of its own.
    if (this.#gone.has(instance) || silentMs >= lease - 1) return;
    const what = `${Math.round(silentMs)} ms after its last heartbeat, standstills not counted`;
    this.#accuse("rescue", `${worker} was taken for dead ${what}`);
  }

  #stallsOf(instance: string): Standstills {
    const stalls = this.#stalls.get(instance) ?? new Standstills();
    this.#stalls.set(instance, stalls);
    return stalls;
  }
}

function isRescue(value: unknown): boolean {
  return typeof value === "object" && value !== null && "rescued" in value && Number(value.rescued) > 0;
}
