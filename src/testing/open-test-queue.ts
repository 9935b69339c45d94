import { Broker } from "../broker/broker.ts";
import { EventHub } from "../broker/events.ts";
import { Stage3Error } from "../core/errors.ts";
import { createIdGenerator } from "../core/ids.ts";
import { LONGEST_DURATION_MS } from "../core/options/durations.ts";
import { wholeNumber } from "../core/options/readers.ts";
import type { Stage3QueueOptions } from "../core/options/types.ts";
import { topicsKeptInMemory } from "../core/options/settings.ts";
import { resolveOptions } from "../core/options/resolve-options.ts";
import { showValue } from "../core/show-value.ts";
import { Engine } from "../engine/engine.ts";
import type { ProcessTable } from "../engine/ports.ts";
import { InlineExecutor } from "../executor/inline.ts";
import { loadTasks } from "../tasks/load-tasks.ts";
import { type ReadTask, readTasks } from "../tasks/read-tasks.ts";
import type { TaskHandlers } from "../tasks/task-types.ts";
import { AttemptEnds } from "./attempt-ends.ts";
import { EnqueueLog } from "./enqueue-log.ts";
import { PausableStorage } from "./pausable-storage.ts";
import { RunningHandlers } from "./running-handlers.ts";
import { seededRandom } from "./seeded-random.ts";
import { withTasksAsModules } from "./tasks-as-modules.ts";
import { TaskRuns } from "./task-runs.ts";
import { TestQueue } from "./test-queue.ts";
import { VirtualClock } from "./virtual-clock.ts";

/**
 * The options of `Stage3Queue.open`, checked in the same way, so that a test can pass those of the application. What
 * they say of where tasks are kept and run has no effect: `database`, `durability`, `lease`, and `isolation`.
 */
export interface TestQueueOptions<Tasks extends TaskHandlers = TaskHandlers> extends Omit<Stage3QueueOptions, "tasks"> {
  /** The handlers of every queue that names none of its own: functions, or the `URL` of a module. */
  readonly tasks?: URL | Partial<Tasks> | undefined;
  /** Where the queue's clock starts: a `Date`, or milliseconds since 1970. Default: the beginning of 2026, UTC. */
  readonly now?: Date | number | undefined;
  /** What chance is drawn from (the ids, and the fraction in a backoff): a whole number from 0. Default: 1. */
  readonly seed?: number | undefined;
}

/**
 * Opens a queue for one test: the Broker and the Engine of production, in memory, on a virtual clock, with handlers
 * that run in this thread. Nothing runs until the test says so.
 *
 * Rejects with `INVALID_OPTION`, also where the tasks cannot be loaded.
 *
 * @example
 * await using stage3 = await openTestQueue({ tasks, queues: { emails: { maxRestarts: 2 } } });
 * await signUp(stage3.broker, "ada@example.com");
 * stage3.expectEnqueued("emails", "send welcome", ["ada@example.com"]);
 * await stage3.drain();
 */
export async function openTestQueue<Tasks extends TaskHandlers = TaskHandlers>(
  options: TestQueueOptions<Tasks> = {},
): Promise<TestQueue<Tasks>> {
  const { now, seed = 1, ...given } = options;
  const resolved = resolveOptions(withTasksAsModules(given));
  const clock = new VirtualClock(...startOf(now));
  const random = seededRandom(readSeed(seed, "seed"));
  const enqueued = new EnqueueLog();
  // Not before it is needed: an older Node, which has no SQLite, is to be told so in a sentence.
  const { SqliteStorage } = await import("../storage/sqlite/sqlite-storage.ts");
  const storage = new PausableStorage(await SqliteStorage.openInMemory(clock), enqueued);
  const handlers = new RunningHandlers();
  const ends = new AttemptEnds();
  const events = new EventHub();
  const engine = new Engine(
    {
      clock,
      random,
      storage,
      executors: {
        open: ({ topic }) =>
          handlers.watch(new InlineExecutor({ clock, load: async () => handlers.listen(await load(given, topic)) })),
      },
      processes: ALONE,
      emit(event) {
        ends.take(event);
        events.emit(event);
      },
    },
    {
      queues: resolved.queues,
      // Nobody could take it over: no heartbeat is needed, however far the time is moved.
      leaseMs: LONGEST_DURATION_MS,
      // In memory as it is, it keeps tasks for as long as a database would.
      retention: resolved.retention,
      retentionInMemory: resolved.retention,
      maxPayloadBytes: resolved.maxPayloadBytes,
      instance: "test",
      generation: 0,
    },
  );
  const broker = new Broker<Tasks>({
    engine,
    clock,
    newId: createIdGenerator(clock, random),
    maxPayloadBytes: resolved.maxPayloadBytes,
    topicsInMemory: topicsKeptInMemory(resolved.queues),
  });
  const runs = new TaskRuns({ broker, engine, clock, storage, handlers, ends });
  try {
    await engine.start();
  } catch (error) {
    await runs.stop();
    throw error;
  }
  return new TestQueue<Tasks>({ broker, events, clock, enqueued, runs });
}

/** A process table in which nobody else runs on this machine. */
const ALONE: ProcessTable = {
  self: { bootId: "", pidNamespace: "", pid: 0, startTime: "" },
  isGone: () => false,
};

/** What runs a topic's tasks, from options that are checked already. */
async function load(
  { tasks, queues }: { readonly tasks?: unknown; readonly queues?: Stage3QueueOptions["queues"] },
  topic: string,
): Promise<ReadonlyMap<string, ReadTask>> {
  const own = queues?.[topic]?.tasks ?? tasks;
  return own instanceof URL ? loadTasks(own.href) : readTasks(own);
}

const readSeed = wholeNumber(0);

function startOf(now: Date | number | undefined): [] | [number] {
  if (now === undefined) return [];
  const start = Number(now);
  if (Number.isSafeInteger(start) && start >= 0) return [start];
  throw new Stage3Error(
    "INVALID_OPTION",
    `now must be a Date, or a whole number of milliseconds since 1970, not ${showValue(now)}.`,
  );
}
