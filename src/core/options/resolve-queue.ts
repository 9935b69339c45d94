import { Stage3Error } from "../errors.ts";
import type { ResolvedTasks, TasksSource } from "./instance-readers.ts";
import { type OptionReader, readOptions } from "./levels.ts";
import { defaultsAt, readLevel } from "./read-level.ts";
import { noInlineMemory } from "./readers.ts";
import type { QueueSettings } from "./settings.ts";
import type { Isolation, TaskFunctions } from "./types.ts";

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
  const { tasks: own, ...read } = readLevel(given, "queue");
  const tasks = own ?? inherited;
  const isolation = resolveIsolation(read.isolation, tasks?.source, given);
  if (isolation === "inline" && read.maxMemoryBytes !== undefined) throw noInlineMemory(given.place("maxMemory"));
  const settings = { ...DEFAULTS, ...read, topic, isolation, tasks: tasks?.source };
  return { settings, functions: tasks?.functions };
}

const DEFAULTS = defaultsAt("queue");

function resolveIsolation(
  isolation: Isolation | undefined,
  tasks: TasksSource | undefined,
  given: OptionReader,
): Isolation {
  if (tasks?.kind !== "functions") return isolation ?? DEFAULTS.isolation;
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
