import type { Clock } from "../../core/clock.ts";
import type { Emit } from "../../core/events.ts";
import type { Storage, WorkerRow } from "../../storage/port.ts";
import type { ProcessTable } from "../ports.ts";
import { repeat, type Repeating } from "../../core/repeat.ts";
import type { Duty } from "./duty.ts";
import { Silence } from "./silence.ts";
import type { TurnLoop } from "../turn-loop.ts";

const LARGEST_RESCUE = 500;
/** How often the other workers are looked at, by the shortest lease: a death on this machine is noticed within this time. */
const LOOKS_A_LEASE = 12;
const LONGEST_INTERVAL_MS = 1_000;

export interface RescueParts {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly turns: TurnLoop;
  readonly processes: ProcessTable;
  readonly emit: Emit;
  /** The lease of this Engine's own workers. */
  readonly leaseMs: number;
  readonly isSelf: (worker: string) => boolean;
  /** Whether that worker is known to be dead, and its attempts to be over. */
  readonly isPredecessor: (worker: string) => boolean;
}

/**
 * Takes over the tasks of workers that are gone: whose process is, on this machine, whose rescue has begun, or who have
 * been silent for a whole lease on this observer's monotonic clock. No wall clock decides.
 */
export class Rescue implements Duty {
  readonly #parts: RescueParts;
  readonly #silence = new Silence();
  #lastLookAt = 0;
  /** Of this worker and those that it saw at its last look. */
  #shortestLeaseMs = 0;
  #repeating: Repeating | undefined;
  #stopped = false;

  constructor(parts: RescueParts) {
    this.#parts = parts;
  }

  /** Looks at once, and then again and again, but only where another worker can come. */
  async start(): Promise<void> {
    await this.#look();
    if (this.#stopped || !this.#parts.storage.isShared) return;
    const interval = (): number => Math.min(this.#shortestLeaseMs / LOOKS_A_LEASE, LONGEST_INTERVAL_MS);
    this.#repeating = repeat(this.#parts.clock, interval, () => this.#look());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#repeating?.stop();
  }

  async #look(): Promise<void> {
    const ownLeaseMs = this.#parts.leaseMs;
    this.#shortestLeaseMs = ownLeaseMs;
    try {
      const workers = await this.#parts.storage.workers();
      const others = workers.filter(({ id }) => !this.#parts.isSelf(id));
      this.#shortestLeaseMs = Math.min(ownLeaseMs, ...others.map(({ leaseMs }) => leaseMs));
      this.#silence.look(others, this.#passed());
      if (this.#silence.needsProof) await this.#prove();
      for (const worker of others) if (this.#isGone(worker)) await this.#rescue(worker);
    } catch {
      // A storage that is away is reported by the turn loop; the next look tries again.
      this.#silence.forget();
    }
  }

  /** How much time has passed since the last look. Asked after it has read, so that a stop before that is part of it. */
  #passed(): number {
    const now = this.#parts.clock.monotonic();
    const passedMs = now - this.#lastLookAt;
    this.#lastLookAt = now;
    return passedMs;
  }

  /** Shows that this observer can write. Where it cannot, nobody else may be able to either. */
  async #prove(): Promise<void> {
    const { clock, turns } = this.#parts;
    const startedAt = clock.monotonic();
    await turns.submit({ kind: "probe" });
    this.#silence.proved(clock.monotonic() - startedAt);
  }

  #isGone(worker: WorkerRow): boolean {
    // Somebody has begun to rescue it, who may be gone, too.
    if (worker.isCondemned) return true;
    const { isPredecessor, processes } = this.#parts;
    return isPredecessor(worker.id) || processes.isGone(worker.process) || this.#silence.isOver(worker.id);
  }

  async #rescue({ id, heartbeat }: WorkerRow): Promise<void> {
    const failure = { code: "WORKER_DIED", message: "The worker that ran this attempt is gone." } as const;
    let tasks = 0;
    for (let done = false; !done;) {
      const rescue = { kind: "rescue", worker: id, heartbeat, failure, limit: LARGEST_RESCUE } as const;
      const result = await this.#parts.turns.submit(rescue);
      tasks += result.rescued;
      done = result.done || result.rescued === 0;
    }
    if (tasks > 0) this.#parts.emit({ name: "rescued", worker: id, tasks });
  }
}
