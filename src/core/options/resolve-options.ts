import { parseDatabaseUrl } from "../database-url.ts";
import type { OptionAt } from "./declarations.ts";
import {
  KEPT_IN_DATABASE,
  KEPT_IN_MEMORY,
  type QueueEntries,
  readHttp,
  type ResolvedHttp,
  type ResolvedRetention,
  type ResolvedTasks,
  type TasksSource,
} from "./instance-readers.ts";
import { readOptions } from "./levels.ts";
import { type Complete, defaultsAt, type Given, readLevel } from "./read-level.ts";
import { resolveQueue } from "./resolve-queue.ts";
import type { QueueSettings } from "./settings.ts";
import type { StandaloneConfig, TaskFunctions } from "./types.ts";

/** What an instance is resolved to beyond the values of its options. */
type Composed = "tasks" | "queues" | "retention";

/** The options of an instance, complete and checked; durations in milliseconds. */
export interface ResolvedOptions extends Complete<Exclude<OptionAt<"instance">, Composed>> {
  readonly retention: ResolvedRetention;
  /** Of queues that are kept in the memory of the process. */
  readonly retentionInMemory: ResolvedRetention;
  readonly queues: ReadonlyMap<string, QueueSettings>;
  /** The handlers of every queue that names none of its own. */
  readonly tasks: TasksSource | undefined;
  /** The functions themselves, for each topic whose `tasks` are functions. */
  readonly functions: ReadonlyMap<string, TaskFunctions>;
}

/**
 * Checks the options of `Stage3Queue.open`, and fills in the defaults.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, misplaced or not allowed.
 */
export function resolveOptions(options: unknown = {}): ResolvedOptions {
  return resolveInstance(readLevel(readOptions(options, "instance", ""), "instance"));
}

/** A configuration of the command, complete and checked. */
export interface ResolvedConfig {
  readonly options: ResolvedOptions;
  readonly http: ResolvedHttp;
}

/**
 * Checks a configuration of the command: the options of `Stage3Queue.open`, and `http`.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, misplaced or not allowed.
 */
export function resolveConfig(config: unknown = {}): ResolvedConfig {
  const { http, ...instance } = readLevel(readOptions(config, "config", ""), "config");
  return { options: resolveInstance(instance), http: http ?? readHttp({}, "http") };
}

/**
 * Checks the types of a configuration and returns it unchanged; the default export of `stage3queue.config.ts`.
 *
 * @example
 * export default defineConfig({
 *   tasks: new URL("./tasks.ts", import.meta.url),
 *   queues: { default: {}, emails: { maxConcurrency: 100 } },
 *   http: { port: 4000 },
 * });
 */
export function defineConfig(config: StandaloneConfig): StandaloneConfig {
  return config;
}

/** As {@link resolveOptions}, for options that were read already. */
function resolveInstance(given: Given<OptionAt<"instance">>): ResolvedOptions {
  const { tasks, queues, retention, ...settings } = { ...defaultsAt("instance"), ...given };
  const retentionInMemory = { ...KEPT_IN_MEMORY, ...retention };
  return {
    ...settings,
    retention: isInMemory(settings.database) ? retentionInMemory : { ...KEPT_IN_DATABASE, ...retention },
    retentionInMemory,
    tasks: tasks?.source,
    ...resolveQueues(queues, tasks),
  };
}

function resolveQueues(
  entries: QueueEntries,
  tasks: ResolvedTasks | undefined,
): Pick<ResolvedOptions, "queues" | "functions"> {
  const queues = new Map<string, QueueSettings>();
  const functions = new Map<string, TaskFunctions>();
  for (const [topic, options] of entries) {
    const queue = resolveQueue(topic, options, tasks);
    queues.set(topic, queue.settings);
    if (queue.functions !== undefined) functions.set(topic, queue.functions);
  }
  return { queues, functions };
}

function isInMemory(database: string): boolean {
  return parseDatabaseUrl(database, "/").kind === "memory";
}
