import { systemClock } from "../core/clock.ts";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { Stage3Error } from "../core/errors.ts";
import { createIdGenerator } from "../core/ids.ts";
import type { Stage3QueueOptions } from "../core/options/types.ts";
import { systemRandom } from "../core/random.ts";
import { type ResolvedOptions, resolveOptions } from "../core/options/resolve-options.ts";
import { topicsKeptInMemory } from "../core/options/settings.ts";
import { EngineThread } from "../engine/thread/engine-thread.ts";
import type { Executor } from "../executor/port.ts";
import { InlineExecutor } from "../executor/inline.ts";
import { loadTasks } from "../tasks/load-tasks.ts";
import { readTasks } from "../tasks/read-tasks.ts";
import type { TaskHandlers } from "../tasks/task-types.ts";
import { Broker } from "./broker.ts";
import { EventHub } from "./events.ts";
import { requireOwnFiles } from "./own-files.ts";

/**
 * A task queue inside this process: open it, `start` it where tasks are to run, and talk to its `broker`.
 *
 * @example
 * const stage3 = await Stage3Queue.open<typeof tasks>({ tasks: new URL("./tasks.ts", import.meta.url) });
 * await stage3.start();
 * await stage3.broker.enqueue("default", "fibonacci", [40]);
 */
export class Stage3Queue<Tasks extends TaskHandlers = TaskHandlers> implements AsyncDisposable {
  readonly broker: Broker<Tasks>;
  /** What happens in this instance. A warning that nobody listens to is emitted as a warning of the process. */
  readonly events: Pick<EventHub, "on" | "off">;
  /** @internal How large the arguments of a task may be as JSON; what is mounted over an instance asks for it. */
  readonly maxPayloadBytes: number;
  readonly #engine: EngineThread;
  #isStopping = false;

  private constructor(engine: EngineThread, hub: EventHub, { queues, maxPayloadBytes }: ResolvedOptions) {
    this.#engine = engine;
    this.events = hub;
    this.maxPayloadBytes = maxPayloadBytes;
    this.broker = new Broker({
      engine: engine.calls,
      clock: systemClock,
      newId: createIdGenerator(systemClock, systemRandom),
      maxPayloadBytes,
      topicsInMemory: topicsKeptInMemory(queues),
      isStopping: () => this.#isStopping,
    });
  }

  /**
   * Opens the database, and creates it where there is none. Nothing runs yet: the instance only enqueues, reads and
   * aborts, and does not keep the process alive.
   *
   * Rejects with `INVALID_OPTION`, `DATABASE_UNAVAILABLE`, `DATABASE_FULL`, `DATABASE_CORRUPT`, or, where a bundler has
   * removed parts of the package, `PACKAGE_INCOMPLETE`.
   */
  static async open<Tasks extends TaskHandlers = TaskHandlers>(
    options: Stage3QueueOptions = {},
  ): Promise<Stage3Queue<Tasks>> {
    requireOwnFiles();
    const resolved = resolveOptions(options);
    const hub = new EventHub();
    const engine = await EngineThread.open({
      settings: {
        queues: resolved.queues,
        leaseMs: resolved.leaseMs,
        retention: resolved.retention,
        retentionInMemory: resolved.retentionInMemory,
        maxPayloadBytes: resolved.maxPayloadBytes,
        instance: createIdGenerator(systemClock, systemRandom)(),
      },
      database: parseDatabaseUrl(resolved.database, process.cwd()),
      durability: resolved.durability,
      clock: systemClock,
      openInline: (topic) => openInline(resolved, topic),
      emit: (event) => hub.emit(event),
    });
    hub.onWanted((names) => engine.listen(names));
    return new Stage3Queue<Tasks>(engine, hub, resolved);
  }

  /**
   * Loads the tasks and begins to run them. From then on the instance keeps the process alive until `stop`.
   * Rejects with the cause when a tasks module cannot be imported.
   */
  start(): Promise<void> {
    return this.#engine.start();
  }

  /**
   * Stops gracefully: claims no more, lets running tasks end within their queue's `shutdownGrace`, aborts the rest and
   * gives them back. Resolves when nothing is left: no child, no thread, no lock. Idempotent.
   */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.#engine.stop();
  }

  /** Ends everything at once. Running tasks are run again by the next worker, as after a crash. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    await this.#engine.kill();
  }

  /** @internal Whether `stop` or `kill` was called; from then on calls are refused with `STOPPED`. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Whether the database answers and the instance is not stopping. */
  isReady(): Promise<boolean> {
    return this.#engine.isReady();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What runs a topic's inline handlers: functions of the application, or a module that is imported into it. */
function openInline(options: ResolvedOptions, topic: string): Executor {
  const source = options.queues.get(topic)?.tasks;
  const functions = options.functions.get(topic);
  return new InlineExecutor({
    clock: systemClock,
    load() {
      if (source?.kind === "module") return loadTasks(source.url);
      if (functions !== undefined) return readTasks(functions);
      throw new Stage3Error("INVALID_OPTION", `Queue "${topic}" has no tasks.`);
    },
  });
}
