import { Broker } from "../../src/broker/broker.ts";
import { systemClock } from "../../src/core/clock.ts";
import { parseDatabaseUrl } from "../../src/core/database-url.ts";
import type { Stage3Event, WarningCode } from "../../src/core/events.ts";
import { createIdGenerator } from "../../src/core/ids.ts";
import type { QueueSettings } from "../../src/core/options/settings.ts";
import { systemRandom } from "../../src/core/random.ts";
import { resolveOptions } from "../../src/core/options/resolve-options.ts";
import { Engine } from "../../src/engine/engine.ts";
import { openProcessTable } from "../../src/engine/process-table.ts";
import { ChildTable } from "../../src/engine/thread/child-table.ts";
import { onProcessExit } from "../../src/engine/thread/exit-hook.ts";
import { InlineExecutor } from "../../src/executor/inline.ts";
import type { Executor, TellUnavailable } from "../../src/executor/port.ts";
import { ProcessPool } from "../../src/executor/process-pool.ts";
import { ThreadPool } from "../../src/executor/thread-pool.ts";
import { openStorage } from "../../src/storage/open.ts";
import { loadTasks } from "../../src/tasks/load-tasks.ts";
import type { HistoryFile } from "./history-file.ts";
import { KillingStorage } from "./killing-storage.ts";
import { NotingExecutor } from "./noting-executor.ts";
import type { WorkerSettings } from "./worker-settings.ts";

export interface EngineInPlace {
  readonly engine: Engine;
  readonly broker: Broker;
  readonly storage: KillingStorage;
}

/** A production Engine on this thread, with the production storage and executors behind wrappers. */
export async function openInPlace(
  { database, options, place }: WorkerSettings,
  parts: { tasks: URL; history: HistoryFile; emit: (event: Stage3Event) => void },
): Promise<EngineInPlace> {
  const clock = systemClock;
  const resolved = resolveOptions({ ...options, database, tasks: parts.tasks });
  const location = parseDatabaseUrl(database, process.cwd());
  const storage = new KillingStorage(await openStorage(location, { durability: resolved.durability, clock }));
  const children = new ChildTable();
  onProcessExit(() => children.killAll());
  const open = (queue: QueueSettings, tell: TellUnavailable): Executor => {
    if (queue.isolation === "inline") return new InlineExecutor({ clock, load: () => loadTasks(parts.tasks.href) });
    return new NotingExecutor(openPool(queue, children, { ...parts, tell }), place.worker, parts.history);
  };
  const { queues, leaseMs, retention, retentionInMemory, maxPayloadBytes } = resolved;
  const newId = createIdGenerator(clock, systemRandom);
  const engine = new Engine(
    { clock, random: systemRandom, storage, executors: { open }, processes: openProcessTable(), emit: parts.emit },
    { queues, leaseMs, retention, retentionInMemory, maxPayloadBytes, instance: newId(), generation: 0 },
  );
  const broker = new Broker({ engine, clock, newId, maxPayloadBytes, topicsInMemory: new Set() });
  return { engine, broker, storage };
}

function openPool(
  { topic, maxConcurrency, isolation }: QueueSettings,
  children: ChildTable,
  { tasks, emit, tell }: { tasks: URL; emit: (event: Stage3Event) => void; tell: TellUnavailable },
): Executor {
  const options = {
    tasksUrl: tasks.href,
    clock: systemClock,
    warn: (code: WarningCode, message: string) => emit({ name: "warning", code, message }),
  };
  const pool =
    isolation === "thread"
      ? new ThreadPool(options)
      : new ProcessPool({
          ...options,
          onChildStarted: (pid) => children.add(pid),
          onChildGone: (pid) => children.remove(pid),
        });
  return pool.share({ topic, maxSize: maxConcurrency, tell });
}
