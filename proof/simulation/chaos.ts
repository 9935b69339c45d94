import type { Chance } from "./chance.ts";
import type { Cluster } from "./cluster.ts";
import { NO_STORAGE_FAULTS, type StorageFaults } from "./simulated-storage.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { World } from "./world.ts";

/** The kinds of faults, each of which a seed may leave out. */
const KINDS = ["crash", "stall", "stall", "freeze", "write", "jump", "storage", "stop"] as const;

/** Breaks things for a while, and then mends them all. */
export class Chaos {
  readonly #cluster: Cluster;
  readonly #world: World;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #kinds: readonly (typeof KINDS)[number][];
  readonly #storageFaults: StorageFaults;
  #isOver = false;

  constructor(parts: { cluster: Cluster; world: World; time: VirtualTime; chance: Chance }) {
    this.#cluster = parts.cluster;
    this.#world = parts.world;
    this.#time = parts.time;
    this.#chance = parts.chance;
    this.#kinds = KINDS.filter(() => this.#chance.happens(0.6));
    this.#storageFaults = this.#randomStorageFaults();
  }

  begin(): void {
    if (this.#kinds.length > 0) this.#next();
  }

  /** Every worker runs again, knows all functions, and its storage answers. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#cluster.faults = NO_STORAGE_FAULTS;
    this.#cluster.isHealthy = true;
    for (const worker of this.#cluster.up) worker.wake();
    // One that lacks a function goes, as in a rolling deploy.
    for (const worker of this.#cluster.up) if (!worker.knowsAll) this.#cluster.stop(worker);
    for (let place = 0; place < this.#cluster.size; place += 1) {
      if (this.#cluster.at(place) === undefined) await this.#cluster.start(place);
    }
  }

  #next(): void {
    this.#time.schedule(this.#chance.between(50, 1_500), () => {
      if (this.#isOver) return;
      this.#break(this.#chance.pick(this.#kinds));
      this.#next();
    });
  }

  #break(kind: (typeof KINDS)[number]): void {
    const place = this.#chance.whole(0, this.#cluster.size - 1);
    const worker = this.#cluster.at(place);
    switch (kind) {
      case "crash":
        return worker?.crash();
      case "stop":
        if (worker === undefined) return;
        this.#cluster.stop(worker);
        return this.#cluster.startLater(place);
      case "stall":
        worker?.stall();
        this.#time.schedule(this.#stallMs(), () => worker?.wake());
        return;
      case "freeze":
        return this.#freeze();
      case "write":
        if (worker?.isStalled === false) this.#cluster.stallInWrite(worker, this.#longStallMs());
        return;
      case "jump":
        return worker?.clock.jump(this.#chance.between(-20_000, 20_000));
      case "storage":
        this.#cluster.faults = this.#storageFaults;
        this.#time.schedule(this.#chance.between(20, 8_000), () => (this.#cluster.faults = NO_STORAGE_FAULTS));
    }
  }

  /** All of them together, as on a machine that is suspended. */
  #freeze(): void {
    const frozen = this.#cluster.up;
    for (const worker of frozen) worker.stall();
    this.#time.schedule(this.#longStallMs(), () => {
      for (const worker of frozen) worker.wake();
    });
  }

  #longStallMs(): number {
    return this.#chance.between(this.#world.leaseMs, 2 * this.#world.leaseMs);
  }

  /** Short, or so long that others take over what it runs, and may be at it still when it goes on. */
  #stallMs(): number {
    const { leaseMs } = this.#world;
    return this.#chance.happens(0.3) ? this.#chance.between(10, leaseMs) : this.#longStallMs();
  }

  #randomStorageFaults(): StorageFaults {
    const chance = this.#chance;
    const often = chance.pick([0.02, 0.2, 0.6]);
    const or0 = (probability: number): number => (chance.happens(0.5) ? probability : 0);
    return {
      delay: or0(often),
      longestDelayMs: chance.pick([5, 100, 2_000]),
      busy: or0(often),
      unreadable: or0(often) / 4,
      failBefore: or0(often),
      failAfter: or0(often),
    };
  }
}
