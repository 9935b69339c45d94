import type { Commit, WorkerEvent } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** Who may be taken for dead: a worker that is, or that has not moved its heartbeat for a whole lease. */
export class Leases {
  readonly #leaseMs: number;
  readonly #accuse: Accuse;
  /** By worker id: when its heartbeat was last written, in true time. */
  readonly #beats = new Map<string, number>();
  /** By instance. */
  readonly #gone = new Set<string>();

  constructor(leaseMs: number, accuse: Accuse) {
    this.#leaseMs = leaseMs;
    this.#accuse = accuse;
  }

  worker({ worker, event }: WorkerEvent): void {
    if (event === "crashed" || event === "stopped") this.#gone.add(worker);
  }

  committed({ operations, outcomes, trueMs }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      if (operation.kind === "registerWorker") this.#beats.set(operation.worker.id, trueMs);
      if (operation.kind === "heartbeat" && outcome.value === true) this.#beats.set(operation.worker, trueMs);
      if (operation.kind === "rescue" && isRescue(outcome.value)) this.#rescued(operation.worker, trueMs);
    }
  }

  #rescued(worker: string, trueMs: number): void {
    const [instance = ""] = worker.split(".");
    const silentMs = trueMs - (this.#beats.get(worker) ?? Number.NEGATIVE_INFINITY);
    // Rounded, since a clock counts from a moment of its own.
    if (this.#gone.has(instance) || silentMs >= this.#leaseMs - 1) return;
    this.#accuse("rescue", `${worker} was taken for dead ${Math.round(silentMs)} ms after its last heartbeat`);
  }
}

function isRescue(value: unknown): boolean {
  return typeof value === "object" && value !== null && "rescued" in value && Number(value.rescued) > 0;
}
