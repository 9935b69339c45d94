import { seededRandom } from "../../src/testing/seeded-random.ts";
import type { HistoryEvent } from "../history/events.ts";
import { Chance } from "./chance.ts";
import { NodeClock } from "./node-clock.ts";
import { SharedChanges } from "./shared-changes.ts";
import { NO_STORAGE_FAULTS, SimulatedStorage, type StorageFaults } from "./simulated-storage.ts";
import { SimulatedWorker } from "./simulated-worker.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Connection, OpenConnection, World } from "./world.ts";

export interface ClusterParts {
  readonly world: World;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly open: OpenConnection;
  readonly record: (event: HistoryEvent) => void;
  /** A worker has died. */
  readonly died: (worker: SimulatedWorker) => void;
}

/** The machines of a simulation. On each a worker runs, or none just now. */
export class Cluster {
  readonly #parts: ClusterParts;
  readonly #workers: (SimulatedWorker | undefined)[];
  readonly #gone = new Set<number>();
  readonly #changes = new SharedChanges();
  readonly #connections: Connection[] = [];
  /** Stops that are under way. */
  readonly #stopping = new Set<Promise<void>>();
  #processes = 0;
  #runs = 0;
  /** Who stands still within a write, so that nobody else can. */
  #lockHolder: SimulatedWorker | undefined;
  faults: StorageFaults = NO_STORAGE_FAULTS;
  /** No worker is started without some of the functions any more. */
  isHealthy = false;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.#workers = Array.from({ length: parts.world.workers });
  }

  get size(): number {
    return this.#workers.length;
  }

  /** The worker of that machine, if one runs there. */
  at(place: number): SimulatedWorker | undefined {
    const worker = this.#workers[place];
    return worker?.isUp === true ? worker : undefined;
  }

  /** Those that run. */
  get up(): SimulatedWorker[] {
    return this.#workers.filter((worker) => worker?.isUp === true) as SimulatedWorker[];
  }

  get isStopping(): boolean {
    return this.#stopping.size > 0;
  }

  async start(place: number): Promise<void> {
    const { world, time, chance, open, record, died } = this.#parts;
    const number = ++this.#processes;
    const name = `worker-${number}`;
    // Chance of its own, so that what one worker draws does not depend on how often another does.
    const random = seededRandom(chance.whole(0, 2 ** 31));
    const skewMs = chance.between(-world.mostSkewMs, world.mostSkewMs);
    const connection = await open();
    this.#connections.push(connection);
    const clock = new NodeClock(time, skewMs);
    const storage = new SimulatedStorage({
      storage: connection.storage,
      worker: name,
      clock,
      chance: new Chance(random),
      faults: () => this.faults,
      record,
      changes: this.#changes,
      trueMs: () => time.now,
      isLocked: () => this.#lockHolder?.isUp === true && this.#lockHolder !== worker,
    });
    const known = world.functions.filter(() => this.isHealthy || chance.happens(0.8));
    const worker: SimulatedWorker = new SimulatedWorker({
      name,
      number,
      world,
      time,
      clock,
      random,
      storage,
      functions: known,
      record,
      nextRun: () => String(++this.#runs),
      isGone: (other) => world.isOneMachine && this.#gone.has(other),
      killed: () => {
        this.#gone.add(number);
        died(worker);
        this.startLater(place);
      },
    });
    this.#workers[place] = worker;
  }

  /** Stops a worker within a write, as a disk would that takes long to synchronise. */
  stallInWrite(worker: SimulatedWorker, forMs: number): void {
    const { time, record, chance, world } = this.#parts;
    if (this.#lockHolder !== undefined) return;
    this.#lockHolder = worker;
    record({ kind: "lock", isHeld: true, trueMs: time.now });
    worker.stall();
    time.schedule(forMs, () => {
      record({ kind: "lock", isHeld: false, trueMs: time.now });
      this.#lockHolder = undefined;
      // Others may be the first to write again.
      time.schedule(chance.between(0, world.leaseMs / 8), () => worker.wake());
    });
  }

  /** As whatever watches over processes would, in a little while. */
  startLater(place: number): void {
    const { time, chance } = this.#parts;
    time.schedule(chance.between(0, 4_000), () => {
      if (this.at(place) === undefined) void this.start(place);
    });
  }

  /** Begins a graceful stop. */
  stop(worker: SimulatedWorker): void {
    const stopping = worker.stop();
    this.#stopping.add(stopping);
    void stopping.finally(() => this.#stopping.delete(stopping));
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) await connection.close();
  }
}
