import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import type { FunctionDescription, QueueSettings } from "../../src/core/options/settings.ts";
import type { Storage } from "../../src/storage/port.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import type { RetentionSettings } from "../../src/engine/ports.ts";
import { type Habits, randomHabits } from "./behaviour.ts";
import type { Chance } from "./chance.ts";

/** What a simulation is about, drawn from its seed. */
export interface World {
  readonly workers: number;
  readonly queues: ReadonlyMap<string, QueueSettings>;
  readonly functions: readonly FunctionDescription[];
  readonly leaseMs: number;
  readonly retention: RetentionSettings;
  /** Whether a worker sees at once that another's process is gone, as on one machine, or waits for its lease to end. */
  readonly isOneMachine: boolean;
  readonly habits: Habits;
  /** How far off the clock of a machine may be, either way. */
  readonly mostSkewMs: number;
  /** What clients ask of single tasks, besides for their status and result. */
  readonly calls: readonly ("abort" | "requeue" | "discard")[];
}

const LONGEST_SKEW_MS = 20_000;
const TOPICS = ["emails", "reports"];
const FUNCTIONS = ["first", "second", "third"];

/** Long enough for what a task does, so that only those that hang run into it. */
const TIMEOUT_MS = 4_000;

export function randomWorld(chance: Chance): World {
  const forever = { finishedMs: Infinity, abortedMs: Infinity, dlqMs: Infinity };
  return {
    workers: chance.pick([1, 2, 2, 3, 4]),
    queues: new Map(TOPICS.map((topic) => [topic, randomQueue(topic, chance)])),
    functions: FUNCTIONS.map((name) => ({ name, policy: chance.happens(0.3) ? { maxRestarts: 1, priority: 3 } : {} })),
    leaseMs: chance.pick([500, 1_500, 6_000]),
    retention: chance.happens(0.7) ? forever : { finishedMs: 3_000, abortedMs: 1_000, dlqMs: 30_000 },
    isOneMachine: chance.happens(0.5),
    habits: randomHabits(chance),
    mostSkewMs: chance.happens(0.8) ? LONGEST_SKEW_MS : 0,
    calls: (["abort", "abort", "requeue", "discard"] as const).filter(() => chance.happens(0.85)),
  };
}

function randomQueue(topic: string, chance: Chance): QueueSettings {
  return {
    topic,
    priority: 10,
    maxConcurrency: chance.whole(1, 4),
    maxQueueLen: chance.pick([0, 2, 20, Infinity]),
    maxRestarts: chance.whole(0, 3),
    maxBackoffMs: chance.pick([0, 200, 3_000]),
    maxMemoryBytes: undefined,
    isolation: "process",
    timeoutMs: TIMEOUT_MS,
    expiresMs: undefined,
    abortGraceMs: chance.pick([0, 50, 1_000]),
    shutdownGraceMs: chance.pick([0, 100, 1_000]),
    persistent: true,
    tasks: { kind: "module", url: "file:///tasks.ts" },
  };
}

/** Another connection to the one database of a simulation. */
export interface Connection {
  readonly storage: Storage;
  close(): Promise<void>;
}

export type OpenConnection = () => Promise<Connection>;

/** In memory all connections are the same storage. */
export async function openMemory(): Promise<OpenConnection> {
  const storage = await SqliteStorage.openInMemory(systemClock);
  return async () => ({ storage, close: async () => {} });
}

export function openSqlite(folder: string): OpenConnection {
  const file = join(folder, "simulated.db");
  return async () => {
    const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
    return { storage, close: () => storage.close() };
  };
}
