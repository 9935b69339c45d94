import { onTestFinished } from "vitest";
import { Broker } from "../../src/broker/broker.ts";
import type { Stage3Event } from "../../src/core/events.ts";
import { createIdGenerator } from "../../src/core/ids.ts";
import { type QueueSettings, topicsKeptInMemory } from "../../src/core/options/settings.ts";
import type { EngineApi } from "../../src/engine/api.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import type { EngineSettings, ProcessTable } from "../../src/engine/ports.ts";
import { InlineExecutor } from "../../src/executor/inline.ts";
import { openInMemory } from "./in-memory-storage.ts";
import type { Storage } from "../../src/storage/port.ts";
import { readTasks, type ReadTask } from "../../src/tasks/read-tasks.ts";
import type { TaskHandlers } from "../../src/tasks/task-types.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

const DEFAULTS: QueueSettings = {
  topic: "default",
  priority: 10,
  maxConcurrency: 10,
  maxQueueLen: 200,
  maxRestarts: 5,
  maxBackoffMs: 10_000,
  isolation: "inline",
  timeoutMs: undefined,
  expiresMs: undefined,
  maxMemoryBytes: undefined,
  abortGraceMs: 1_000,
  shutdownGraceMs: 1_000,
  persistent: true,
  tasks: { kind: "functions" },
};

/** A process table in which nobody else runs on this machine. */
const ALONE: ProcessTable = {
  self: { bootId: "boot", pidNamespace: "pid", pid: 1, startTime: "1" },
  isGone: () => false,
};

const KEPT = { finishedMs: 7 * 86_400_000, abortedMs: 7 * 86_400_000, dlqMs: Number.POSITIVE_INFINITY };

export interface InPlaceOptions {
  readonly queues?: Record<string, Partial<QueueSettings>>;
  readonly settings?: Partial<EngineSettings>;
  readonly storage?: Storage;
  readonly clock?: VirtualClock;
  readonly processes?: ProcessTable;
  /** Loads the tasks, instead of reading those given. */
  readonly load?: () => Promise<ReadonlyMap<string, ReadTask>>;
}

export interface InPlace<Tasks extends TaskHandlers> extends AsyncDisposable {
  readonly engine: EngineApi;
  readonly broker: Broker<Tasks>;
  readonly clock: VirtualClock;
  readonly storage: Storage;
  readonly events: readonly Stage3Event[];
}

/** A production Engine on memory storage, inline handlers and a virtual clock, in this thread. */
export async function openInPlace<Tasks extends TaskHandlers>(
  tasks: Tasks,
  options: InPlaceOptions = {},
): Promise<InPlace<Tasks>> {
  const clock = options.clock ?? new VirtualClock();
  const storage = options.storage ?? (await openInMemory());
  const random = seededRandom(1);
  const events: Stage3Event[] = [];
  const given = Object.entries(options.queues ?? { default: {} });
  const queues = new Map(given.map(([topic, settings]) => [topic, { ...DEFAULTS, ...settings, topic }]));
  const engine = await openEngine(
    {
      clock,
      random,
      storage,
      executors: { open: () => new InlineExecutor({ load: options.load ?? (() => readTasks(tasks)), clock }) },
      processes: options.processes ?? ALONE,
      emit: (event) => events.push(event),
    },
    {
      queues,
      leaseMs: 30_000,
      retention: KEPT,
      retentionInMemory: KEPT,
      maxPayloadBytes: 1024 * 1024,
      instance: "instance",
      generation: 0,
      ...options.settings,
    },
  );
  const broker = new Broker<Tasks>({
    engine,
    clock,
    newId: createIdGenerator(clock, random),
    maxPayloadBytes: 1024 * 1024,
    topicsInMemory: topicsKeptInMemory(queues),
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopped ??= engine.stop();
    await clock.advance(20_000);
    await stopped;
  };
  onTestFinished(stop);
  return { engine, broker, clock, storage, events, [Symbol.asyncDispose]: stop };
}
