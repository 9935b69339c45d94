import { Stage3Error } from "../errors.ts";
import { describeThrown } from "../failure.ts";
import { LONGEST_NAME_SHOWN, nearest } from "../names.ts";
import { showValue } from "../show-value.ts";
import { type Level, optionsAt } from "./declarations.ts";
import type { ReadValue } from "./readers.ts";

/** What a message calls each level of the declared options. */
const LEVELS: Readonly<Record<Level, string>> = {
  instance: "an instance",
  config: "a configuration file",
  queue: "a queue",
  function: "a task's policy",
  enqueue: "an enqueue",
};

/** The options of single calls, and those within another option; each is read where it is used. */
const OF_CALLS = {
  result: { what: "a wait for a result", names: ["signal", "timeout"] },
  deadLetters: { what: "a list of the dead-letter queue", names: ["topic", "limit", "after"] },
  retention: { what: "retention", names: ["finished", "aborted", "dlq"] },
  http: { what: "http", names: ["host", "port", "token"] },
  mounted: { what: "toFetchHandler", names: ["token", "basePath", "hosts", "origins", "onError"] },
} as const;

/** Where an option may stand. */
export type OptionLevel = Level | keyof typeof OF_CALLS;

interface Known {
  readonly what: string;
  readonly names: readonly string[];
}

/** The one list that tells an unknown option from a misplaced one. */
const KNOWN: ReadonlyMap<string, Known> = new Map<string, Known>([
  ...(Object.keys(LEVELS) as Level[]).map(
    (level) => [level, { what: LEVELS[level], names: optionsAt(level) }] as const,
  ),
  ...Object.entries(OF_CALLS),
]);

/** The options given at one level. One that is `undefined` counts as not given. */
export interface OptionReader {
  /** Reads one option's value with `readValue`; `undefined` where it is not given. */
  read<Value>(name: string, readValue: ReadValue<Value>): Value | undefined;
  /** How messages name an option, like `queues.emails.timeout`. */
  place(name: string): string;
}

/**
 * Opens the options of one level, whose own place is `path` (empty for the outermost).
 *
 * @throws Stage3Error `INVALID_OPTION` where it is not an object, or has an option that this level does not have.
 */
export function readOptions(value: unknown, level: OptionLevel, path: string): OptionReader {
  const given = readEntries(value, path || "The options");
  const place = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const name of given.keys()) {
    const problem = problemOf(name, level);
    if (problem !== undefined) throw new Stage3Error("INVALID_OPTION", `${place(cut(name))} ${problem}`);
  }
  return {
    place,
    read(name, readValue) {
      const option = given.get(name);
      return option === undefined ? undefined : readValue(option, place(name));
    },
  };
}

/** Each option is read once. What its owner's own code throws on the way, a getter or a proxy, is the refusal's cause. */
function readEntries(value: unknown, what: string): Map<string, unknown> {
  let entries: [string, unknown][] | undefined;
  try {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) entries = Object.entries(value);
  } catch (cause) {
    throw new Stage3Error("INVALID_OPTION", `${what} cannot be read: ${describeThrown(cause).message}.`, { cause });
  }
  if (entries !== undefined) return new Map(entries);
  throw new Stage3Error("INVALID_OPTION", `${what} must be an object, not ${showValue(value)}.`);
}

/** As in "a queue, a task's policy, and an enqueue". */
const LIST = new Intl.ListFormat("en");

/** Why an option may not stand at a level, and what to do; undefined: it may. */
function problemOf(name: string, level: OptionLevel): string | undefined {
  const { what = level, names = [] } = KNOWN.get(level) ?? {};
  if (names.includes(name)) return undefined;
  const elsewhere = [...KNOWN.values()].filter((other) => other.names.includes(name));
  if (elsewhere.length > 0) {
    return `is not an option of ${what}; it is an option of ${LIST.format(elsewhere.map((other) => other.what))}.`;
  }
  const near = nearest(name, names);
  const remedy = near === undefined ? `the options are ${names.join(", ")}.` : `did you mean ${near}?`;
  return `is an unknown option of ${what}; ${remedy}`;
}

function cut(name: string): string {
  return name.length > LONGEST_NAME_SHOWN ? `${name.slice(0, LONGEST_NAME_SHOWN)}…` : name;
}
