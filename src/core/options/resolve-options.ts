import { parseDatabaseUrl } from "../database-url.ts";
import { parseDuration, parseRetention } from "./durations.ts";
import { Stage3Error } from "../errors.ts";
import { isName, NAME_FORMS } from "../names.ts";
import { type OptionReader, readOptions } from "./levels.ts";
import { oneOf, readText } from "./readers.ts";
import type { Durability, TaskFunctions } from "./types.ts";
import type { QueueSettings, TasksSource } from "./settings.ts";
import { resolveQueue } from "./resolve-queue.ts";
import { type ResolvedTasks, readTasksOption } from "./resolve-tasks.ts";
import { showValue } from "../show-value.ts";
import { parseSize } from "./sizes.ts";

/** The options of an instance, complete and checked; durations in milliseconds. */
export interface ResolvedOptions {
  /** As it was written; relative to a folder that only the caller knows. */
  readonly database: string;
  readonly durability: Durability;
  readonly leaseMs: number;
  readonly retention: ResolvedRetention;
  /** Of queues that are kept in the memory of the process. */
  readonly retentionInMemory: ResolvedRetention;
  readonly maxPayloadBytes: number;
  readonly queues: ReadonlyMap<string, QueueSettings>;
  /** The handlers of every queue that names none of its own. */
  readonly tasks: TasksSource | undefined;
  /** The functions themselves, for each topic whose `tasks` are functions. */
  readonly functions: ReadonlyMap<string, TaskFunctions>;
}

/** For how long ended tasks are kept. `Infinity`: for ever. */
export interface ResolvedRetention {
  readonly finishedMs: number;
  readonly abortedMs: number;
  readonly dlqMs: number;
}

/**
 * Checks the options of `Stage3Queue.open`, and fills in the defaults.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, misplaced or not allowed.
 */
export function resolveOptions(options: unknown = {}): ResolvedOptions {
  return resolveInstance(readOptions(options, "instance", ""));
}

/** As {@link resolveOptions}, for options whose names are checked already. */
export function resolveInstance(given: OptionReader): ResolvedOptions {
  const tasks = given.read("tasks", readTasksOption);
  const database = given.read("database", readDatabase) ?? "sqlite:data/stage3.db";
  const retention = given.read("retention", readRetention) ?? {};
  const retentionInMemory = { ...KEPT_IN_MEMORY, ...retention };
  return {
    database,
    durability: given.read("durability", oneOf("power-loss", "process-crash")) ?? "power-loss",
    leaseMs: given.read("lease", readLease) ?? 30_000,
    retention: isInMemory(database) ? retentionInMemory : { ...KEPT_IN_DATABASE, ...retention },
    retentionInMemory,
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

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

const KEPT_IN_DATABASE: ResolvedRetention = { finishedMs: WEEK_MS, abortedMs: WEEK_MS, dlqMs: Infinity };

/** There, what is kept takes the memory that the tasks to come need. */
const KEPT_IN_MEMORY: ResolvedRetention = { finishedMs: HOUR_MS, abortedMs: HOUR_MS, dlqMs: HOUR_MS };

/** Only what is given becomes a property. */
function readRetention(value: unknown, option: string): Partial<ResolvedRetention> {
  const given = readOptions(value, "retention", option);
  const finishedMs = given.read("finished", parseRetention);
  const abortedMs = given.read("aborted", parseRetention);
  const dlqMs = given.read("dlq", parseRetention);
  return {
    ...(finishedMs === undefined ? {} : { finishedMs }),
    ...(abortedMs === undefined ? {} : { abortedMs }),
    ...(dlqMs === undefined ? {} : { dlqMs }),
  };
}

function isInMemory(database: string): boolean {
  return parseDatabaseUrl(database, "/").kind === "memory";
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
