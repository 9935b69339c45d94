import { parseDatabaseUrl } from "./database-url.ts";
import { parseDuration, parseRetention } from "./durations.ts";
import { Stage3Error } from "./errors.ts";
import { isName, NAME_FORMS } from "./names.ts";
import { type OptionReader, readOptions } from "./option-levels.ts";
import { oneOf, readText } from "./option-values.ts";
import type { Durability, TaskFunctions } from "./options.ts";
import type { QueueSettings, TasksSource } from "./policy.ts";
import { resolveQueue } from "./resolve-queue.ts";
import { type ResolvedTasks, readTasksOption } from "./resolve-tasks.ts";
import { showValue } from "./show-value.ts";
import { parseSize } from "./sizes.ts";

/** The options of an instance, complete and checked; durations in milliseconds. */
export interface ResolvedOptions {
  /** As it was written; relative to a folder that only the caller knows. */
  readonly database: string;
  readonly durability: Durability;
  readonly leaseMs: number;
  /** `Infinity`: for ever. */
  readonly retention: { readonly finishedMs: number; readonly abortedMs: number; readonly dlqMs: number };
  readonly maxPayloadBytes: number;
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
export function resolveOptions(options: unknown): ResolvedOptions {
  return resolveInstance(readOptions(options ?? {}, "instance", ""));
}

/** As {@link resolveOptions}, for options whose names are checked already. */
export function resolveInstance(given: OptionReader): ResolvedOptions {
  const tasks = given.read("tasks", readTasksOption);
  return {
    database: given.read("database", readDatabase) ?? "sqlite:data/stage3.db",
    durability: given.read("durability", oneOf("power-loss", "process-crash")) ?? "power-loss",
    leaseMs: given.read("lease", readLease) ?? 30_000,
    retention: given.read("retention", readRetention) ?? readRetention({}, "retention"),
    maxPayloadBytes: given.read("maxPayload", parseSize) ?? 1024 * 1024,
    tasks: tasks?.source,
    ...resolveQueues(given.read("queues", readQueueEntries) ?? [["default", {}]], tasks),
  };
}

function resolveQueues(
  entries: readonly (readonly [topic: string, options: unknown])[],
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

function readQueueEntries(value: unknown, option: string): [topic: string, options: unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${option} must be an object of queues by topic, not ${showValue(value)}.`);
  }
  const entries = Object.entries(value);
  const wrong = entries.find(([topic]) => !isName(topic));
  if (wrong !== undefined) throw invalid(`A topic in ${option} must be ${NAME_FORMS}, not ${showValue(wrong[0])}.`);
  return entries;
}

function readRetention(value: unknown, option: string): ResolvedOptions["retention"] {
  const given = readOptions(value, "retention", option);
  const weekMs = 7 * 86_400_000;
  return {
    finishedMs: given.read("finished", parseRetention) ?? weekMs,
    abortedMs: given.read("aborted", parseRetention) ?? weekMs,
    dlqMs: given.read("dlq", parseRetention) ?? Number.POSITIVE_INFINITY,
  };
}

/** Checked early, for an error at once; the folder does not matter for that. */
function readDatabase(value: unknown, option: string): string {
  const database = readText(value, option);
  parseDatabaseUrl(database, "/");
  return database;
}

/** With a shorter one, a pause of the machine would be taken for a death all the time. */
const SHORTEST_LEASE_MS = 100;

function readLease(value: unknown, option: string): number {
  const leaseMs = parseDuration(value, option);
  if (leaseMs < SHORTEST_LEASE_MS) throw invalid(`${option} must be at least ${SHORTEST_LEASE_MS} ms.`);
  return leaseMs;
}

function invalid(message: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message);
}
