import { parseDatabaseUrl } from "../database-url.ts";
import { Stage3Error } from "../errors.ts";
import { isName, NAME_FORMS } from "../names.ts";
import { showValue } from "../show-value.ts";
import { parseDuration, parseRetention } from "./durations.ts";
import { readOptions } from "./levels.ts";
import { readText, readToken } from "./readers.ts";
import type { TaskFunctions } from "./types.ts";

/** Queues as they were written, each under its topic. */
export type QueueEntries = readonly (readonly [topic: string, options: unknown])[];

/** The `queues` of an instance. */
export function readQueueEntries(value: unknown, option: string): QueueEntries {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${option} must be an object of queues by topic, not ${showValue(value)}.`);
  }
  const entries = Object.entries(value);
  const wrong = entries.find(([topic]) => !isName(topic));
  if (wrong !== undefined) throw invalid(`A topic in ${option} must be ${NAME_FORMS}, not ${showValue(wrong[0])}.`);
  return entries;
}

/** Where the handlers of a queue are found: a module to import, or functions that live in the application. */
export type TasksSource = { readonly kind: "module"; readonly url: string } | { readonly kind: "functions" };

/** A `tasks` option: what can be told to another thread, and the functions themselves where it has them. */
export interface ResolvedTasks {
  readonly source: TasksSource;
  readonly functions: TaskFunctions | undefined;
}

/** Reads a `tasks` option. The functions themselves are checked where they are loaded. */
export function readTasksOption(value: unknown, option: string): ResolvedTasks {
  if (value instanceof URL) return { source: { kind: "module", url: moduleUrl(value, option) }, functions: undefined };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const hint = typeof value === "string" ? "; write new URL(…, import.meta.url) for a module" : "";
    throw invalid(`${option} must be the URL of a module, or an object of functions, not ${showValue(value)}${hint}.`);
  }
  return { source: { kind: "functions" }, functions: value as TaskFunctions };
}

function moduleUrl(url: URL, option: string): string {
  if (url.protocol === "file:" || url.protocol === "data:") return url.href;
  throw invalid(`${option} must be the URL of a file, not of ${url.protocol}.`);
}

/** Checked early, for an error at once; the folder does not matter for that. */
export function readDatabase(value: unknown, option: string): string {
  const database = readText(value, option);
  parseDatabaseUrl(database, "/");
  return database;
}

/** With a shorter one, a pause of the machine would be taken for a death all the time. */
const SHORTEST_LEASE_MS = 100;

/** After how long without a heartbeat a worker counts as dead. */
export function readLease(value: unknown, option: string): number {
  const leaseMs = parseDuration(value, option);
  if (leaseMs < SHORTEST_LEASE_MS) throw invalid(`${option} must be at least ${SHORTEST_LEASE_MS} ms.`);
  return leaseMs;
}

/** For how long ended tasks are kept. `Infinity`: for ever. */
export interface ResolvedRetention {
  readonly finishedMs: number;
  readonly abortedMs: number;
  readonly dlqMs: number;
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** What holds for tasks in a database where nothing is given. */
export const KEPT_IN_DATABASE: ResolvedRetention = { finishedMs: WEEK_MS, abortedMs: WEEK_MS, dlqMs: Infinity };

/** In memory, what is kept takes the memory that the tasks to come need. */
export const KEPT_IN_MEMORY: ResolvedRetention = { finishedMs: HOUR_MS, abortedMs: HOUR_MS, dlqMs: HOUR_MS };

/** Only what is given becomes a property. */
export function readRetention(value: unknown, option: string): Partial<ResolvedRetention> {
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

/** The settings of the command's HTTP server. */
export interface ResolvedHttp {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

/** The settings of the command's HTTP server, with the defaults filled in. */
export function readHttp(value: unknown, option: string): ResolvedHttp {
  const given = readOptions(value, "http", option);
  return {
    host: given.read("host", readText) ?? "127.0.0.1",
    port: given.read("port", readPort) ?? 4000,
    token: given.read("token", readToken),
  };
}

function readPort(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw invalid(`${option} must be a whole number from 0 to 65535, not ${showValue(value)}.`);
}

function invalid(message: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message);
}
