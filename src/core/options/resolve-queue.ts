import { parseDuration } from "./durations.ts";
import { Stage3Error } from "../errors.ts";
import { type OptionReader, readOptions } from "./levels.ts";
import {
  readBoolean,
  readIsolation,
  readMaxMemory,
  readPriority,
  readRestarts,
  readTimeout,
  wholeNumber,
} from "./readers.ts";
import type { TaskFunctions } from "./types.ts";
import type { Isolation, QueueSettings, TasksSource } from "./settings.ts";
import { type ResolvedTasks, readTasksOption } from "./resolve-tasks.ts";

/** A queue's settings, and its functions where its `tasks` are functions of the application. */
export interface ResolvedQueue {
  readonly settings: QueueSettings;
  readonly functions: TaskFunctions | undefined;
}

/**
 * Checks the settings of one queue, and fills in the defaults.
 *
 * @param inherited the `tasks` of the instance.
 * @throws Stage3Error `INVALID_OPTION`, naming the option.
 */
export function resolveQueue(topic: string, options: unknown, inherited: ResolvedTasks | undefined): ResolvedQueue {
  const given = readOptions(options, "queue", pathOf(topic));
  const tasks = given.read("tasks", readTasksOption) ?? inherited;
  const isolation = resolveIsolation(given, tasks?.source);
  const settings: QueueSettings = {
    topic,
    priority: given.read("priority", readPriority) ?? 10,
    maxConcurrency: given.read("maxConcurrency", wholeNumber(1)) ?? 10,
    maxQueueLen: given.read("maxQueueLen", wholeNumber(0, true)) ?? 200,
    maxRestarts: given.read("maxRestarts", readRestarts) ?? 5,
    maxBackoffMs: given.read("maxBackoff", parseDuration) ?? 10_000,
    isolation,
    timeoutMs: given.read("timeout", readTimeout),
    abortGraceMs: given.read("abortGrace", parseDuration) ?? 1_000,
    shutdownGraceMs: given.read("shutdownGrace", parseDuration) ?? 1_000,
    maxMemoryBytes: readMaxMemory(given, isolation),
    persistent: given.read("persistent", readBoolean) ?? true,
    tasks: tasks?.source,
  };
  return { settings, functions: tasks?.functions };
}

function resolveIsolation(given: OptionReader, tasks: TasksSource | undefined): Isolation {
  const isolation = given.read("isolation", readIsolation);
  if (tasks?.kind !== "functions") return isolation ?? "process";
  if (isolation === undefined || isolation === "inline") return "inline";
  throw new Stage3Error(
    "INVALID_OPTION",
    `${given.place("isolation")} cannot be "${isolation}": its tasks are functions, which run inline only. ` +
      "Put them into a module, and pass its URL as tasks.",
  );
}

function pathOf(topic: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(topic) ? `queues.${topic}` : `queues[${JSON.stringify(topic)}]`;
}
