import { Broker } from "../../src/broker/broker.ts";
import { createIdGenerator } from "../../src/core/ids.ts";
import type { FunctionDescription } from "../../src/core/options/settings.ts";
import type { Random } from "../../src/core/random.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { ProcessTable } from "../../src/engine/ports.ts";
import type { TellUnavailable } from "../../src/executor/port.ts";
import type { ProcessIdentity, Storage } from "../../src/storage/port.ts";
import type { HistoryEvent } from "../history/events.ts";
import { NodeClock } from "./node-clock.ts";
import { SimulatedExecutor } from "./simulated-executor.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { World } from "./world.ts";

export interface SimulatedWorkerParts {
  /** Never had by any other. */
  readonly name: string;
  readonly number: number;
  readonly world: World;
  readonly time: VirtualTime;
  readonly clock: NodeClock;
  readonly random: Random;
  readonly storage: Storage;
  readonly functions: readonly FunctionDescription[];
  readonly record: (event: HistoryEvent) => void;
  readonly nextRun: () => string;
  /** Whether the process with that number is gone, where a worker can see it. */
  readonly isGone: (number: number) => boolean;
  readonly killed: () => void;
}

/** A process with one production Engine in it, from its start to its stop or death. */
export class SimulatedWorker {
  readonly name: string;
  readonly clock: NodeClock;
  readonly broker: Broker;
  readonly #parts: SimulatedWorkerParts;
  readonly #engine: Engine;
  readonly #childClock: NodeClock;
  #isOver = false;

  constructor(parts: SimulatedWorkerParts) {
    const { name, clock, random, storage, world } = parts;
    this.#parts = parts;
    this.name = name;
    this.clock = clock;
    this.#childClock = new NodeClock(parts.time, 0);
    const { queues, leaseMs, retention } = world;
    const maxPayloadBytes = 1024 * 1024;
    this.#engine = new Engine(
      {
        clock,
        random,
        storage,
        executors: { open: (_, tell) => this.#openExecutor(tell) },
        processes: processTable(parts),
        emit: () => {},
      },
      { queues, leaseMs, retention, retentionInMemory: retention, maxPayloadBytes, instance: name, generation: 0 },
    );
    this.broker = new Broker({
      engine: this.#engine,
      clock,
      newId: createIdGenerator(clock, random),
      maxPayloadBytes,
      topicsInMemory: new Set(),
    });
    parts.record({ kind: "worker", worker: name, event: "started" });
    // As an application whose start fails: it ends, and whatever watches over it tries again.
    this.#engine.start().catch(() => this.crash());
  }

  /** Whether it may be called. */
  get isUp(): boolean {
    return !this.#isOver;
  }

  get isStalled(): boolean {
    return this.clock.state === "stalled";
  }

  get knowsAll(): boolean {
    return this.#parts.functions.length === this.#parts.world.functions.length;
  }

  stall(): void {
    if (this.clock.state !== "alive") return;
    this.clock.stall();
    this.#parts.record({ kind: "worker", worker: this.name, event: "stalled", trueMs: this.#parts.time.now });
  }

  wake(): void {
    if (this.clock.state !== "stalled") return;
    this.clock.wake();
    this.#parts.record({ kind: "worker", worker: this.name, event: "woken", trueMs: this.#parts.time.now });
  }

  /** As by `kill -9`: its children die with it. */
  crash(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.clock.kill();
    this.#childClock.kill();
    this.#parts.record({ kind: "worker", worker: this.name, event: "crashed" });
    this.#parts.killed();
  }

  /** Stops gracefully. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.record({ kind: "worker", worker: this.name, event: "stopping" });
    await this.#engine.stop();
    this.#parts.record({ kind: "worker", worker: this.name, event: "stopped" });
  }

  #openExecutor(tell: TellUnavailable): SimulatedExecutor {
    const { functions, record, nextRun } = this.#parts;
    return new SimulatedExecutor({
      worker: this.name,
      functions,
      tell,
      clock: this.clock,
      childClock: this.#childClock,
      record,
      nextRun,
      killWorker: () => this.crash(),
    });
  }
}

function processTable({ number, isGone }: SimulatedWorkerParts): ProcessTable {
  return { self: identityOf(number), isGone: ({ pid }) => isGone(pid) };
}

function identityOf(number: number): ProcessIdentity {
  return { bootId: "boot", pidNamespace: "pid", pid: number, startTime: "0" };
}
