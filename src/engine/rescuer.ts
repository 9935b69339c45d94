import type { Clock } from "../core/clock.ts";
import type { Emit } from "../core/events.ts";
import type { Storage, WorkerRow } from "../storage/port.ts";
import type { ProcessTable } from "./ports.ts";
import { repeat, type Repeating } from "./repeat.ts";
import type { TurnLoop } from "./turn-loop.ts";

const LARGEST_RESCUE = 500;
/** How often the other workers are looked at: a death on this machine is noticed within this time. */
const LONGEST_INTERVAL_MS = 1_000;

interface Sighting {
  readonly heartbeat: number;
  /** For how long it has not moved while it could, on this observer's own monotonic clock. */
  silentMs: number;
}

export interface RescuerParts {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly turns: TurnLoop;
  readonly processes: ProcessTable;
  readonly emit: Emit;
  /** Tasks were taken over. */
  readonly rescued: () => void;
  readonly isSelf: (worker: string) => boolean;
  /** Whether that worker is known to be dead, and its attempts to be over. */
  readonly isPredecessor: (worker: string) => boolean;
}

/**
 * Takes over the tasks of workers that are gone: whose process is, on this machine, or whose heartbeat has not moved
 * for a whole lease on this observer's monotonic clock. No wall clock decides. Time in which this observer could not
 * write either does not count: a database that is locked for longer than a lease has silenced everybody.
 */
export class Rescuer {
  readonly #parts: RescuerParts;
  readonly #sightings = new Map<string, Sighting>();
  /** When it last looked, and whether it could write then. */
  #lastLook = { at: 0, couldWrite: false };
  #repeating: Repeating | undefined;
  #stopped = false;

  constructor(parts: RescuerParts) {
    this.#parts = parts;
  }

  /** Looks at once, and then again and again, but only where another worker can come. */
  async start(leaseMs: number): Promise<void> {
    await this.#look();
    if (this.#stopped || !this.#parts.storage.isShared) return;
    this.#repeating = repeat(this.#parts.clock, Math.min(leaseMs / 3, LONGEST_INTERVAL_MS), () => this.#look());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#repeating?.stop();
  }

  async #look(): Promise<void> {
    try {
      const workers = await this.#parts.storage.workers();
      const present = new Set(workers.map(({ id }) => id));
      const passedMs = this.#passed();
      for (const id of this.#sightings.keys()) if (!present.has(id)) this.#sightings.delete(id);
      for (const worker of workers) {
        if (!this.#parts.isSelf(worker.id) && this.#isGone(worker, passedMs)) await this.#rescue(worker);
      }
    } catch {
      // A storage that is away is reported by the turn loop; the next look tries again.
    }
  }

  /** How much time has passed since the last look in which workers could write, as far as this one can tell. */
  #passed(): number {
    const { clock, turns } = this.#parts;
    const last = this.#lastLook;
    this.#lastLook = { at: clock.monotonic(), couldWrite: turns.fault === undefined };
    return last.couldWrite && this.#lastLook.couldWrite ? this.#lastLook.at - last.at : 0;
  }

  #isGone(worker: WorkerRow, passedMs: number): boolean {
    // Somebody has begun to rescue it, who may be gone, too.
    if (worker.isCondemned) return true;
    if (this.#parts.isPredecessor(worker.id)) return true;
    if (this.#parts.processes.isGone(worker.process)) return true;
    const sighting = this.#sightings.get(worker.id);
    if (sighting?.heartbeat !== worker.heartbeat) {
      this.#sightings.set(worker.id, { heartbeat: worker.heartbeat, silentMs: 0 });
      return false;
    }
    sighting.silentMs += passedMs;
    return sighting.silentMs >= worker.leaseMs;
  }

  async #rescue({ id, heartbeat }: WorkerRow): Promise<void> {
    const failure = { code: "WORKER_DIED", message: "The worker that ran this attempt is gone." } as const;
    let tasks = 0;
    for (let done = false; !done;) {
      const rescue = { kind: "rescue", worker: id, heartbeat, failure, limit: LARGEST_RESCUE } as const;
      const result = await this.#parts.turns.submit(rescue);
      tasks += result.rescued;
      done = result.done || result.rescued === 0;
      if (result.rescued > 0) this.#parts.rescued();
    }
    this.#sightings.delete(id);
    if (tasks > 0) this.#parts.emit({ name: "rescued", worker: id, tasks });
  }
}
