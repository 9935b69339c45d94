import { parseDatabaseUrl } from "../database-url.ts";
import type { OptionAt } from "./declarations.ts";
import { KEPT_IN_DATABASE, KEPT_IN_MEMORY, type QueueEntries, type ResolvedRetention } from "./instance-readers.ts";
import { readOptions } from "./levels.ts";
import { type Complete, defaultsAt, type Given, readLevel } from "./read-level.ts";
import { resolveQueue } from "./resolve-queue.ts";
import type { QueueSettings } from "./settings.ts";
import type { ResolvedTasks, TasksSource } from "./tasks-option.ts";
import type { TaskFunctions } from "./types.ts";

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

/** As {@link resolveOptions}, for options that were read already. */
export function resolveInstance(given: Given<OptionAt<"instance">>): ResolvedOptions {
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
