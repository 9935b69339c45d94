import { Stage3Error } from "../errors.ts";
import { describeThrown } from "../failure.ts";
import { LONGEST_NAME_SHOWN, nearest } from "../names.ts";
import { showValue } from "../show-value.ts";

/** Which options there are at which level. The one list that tells an unknown option from a misplaced one. */
const LEVELS = {
  instance: ["database", "tasks", "queues", "durability", "lease", "retention", "maxPayload"],
  config: ["database", "tasks", "queues", "durability", "lease", "retention", "maxPayload", "http"],
  queue: [
    "priority",
    "maxConcurrency",
    "maxQueueLen",
    "maxRestarts",
    "maxBackoff",
    "persistent",
    "isolation",
    "tasks",
    "timeout",
    "abortGrace",
    "shutdownGrace",
    "maxMemory",
  ],
  function: ["priority", "timeout", "abortGrace", "maxRestarts", "maxBackoff", "isolation", "maxMemory"],
  enqueue: ["priority", "timeout", "abortGrace", "maxRestarts", "maxBackoff", "idempotencyKey"],
  result: ["signal", "timeout"],
  deadLetters: ["topic", "limit", "after"],
  retention: ["finished", "aborted", "dlq"],
  http: ["host", "port", "token"],
  mounted: ["token", "basePath", "hosts", "origins", "onError"],
} as const;

/** Where an option may stand. */
export type OptionLevel = keyof typeof LEVELS;

const NAMES: Readonly<Record<OptionLevel, string>> = {
  instance: "an instance",
  config: "a configuration file",
  queue: "a queue",
  function: "a task's policy",
  enqueue: "an enqueue",
  result: "a wait for a result",
  deadLetters: "a list of the dead-letter queue",
  retention: "retention",
  http: "http",
  mounted: "toFetchHandler",
};

/** The options given at one level. One that is `undefined` counts as not given. */
export interface OptionReader {
  /** Reads one option's value with `readValue`; `undefined` where it is not given. */
  read<Value>(name: string, readValue: ReadValue<Value>): Value | undefined;
  /** How messages name an option, like `queues.emails.timeout`. */
  place(name: string): string;
}

/** Reads one option's value; `option` names it in the error's message. */
export type ReadValue<Value> = (value: unknown, option: string) => Value;

/**
 * Opens the options of one level, whose own place is `path` (empty for the outermost).
 *
 * @throws Stage3Error `INVALID_OPTION` where it is no object, or has an option that this level does not know.
 */
export function readOptions(value: unknown, level: OptionLevel, path: string): OptionReader {
  const given = readEntries(value, path || "The options");
  const place = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const name of given.keys()) {
    if (!isKnown(name, level)) {
      throw new Stage3Error(
        "INVALID_OPTION",
        `${place(cut(name))} is no option of ${NAMES[level]}; ${remedy(name, level)}`,
      );
    }
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

function isKnown(name: string, level: OptionLevel): boolean {
  return (LEVELS[level] as readonly string[]).includes(name);
}

function remedy(name: string, level: OptionLevel): string {
  const elsewhere = (Object.keys(LEVELS) as OptionLevel[]).filter((other) => isKnown(name, other));
  if (elsewhere.length > 0) return `it is one of ${elsewhere.map((other) => NAMES[other]).join(", ")}.`;
  const near = nearest(name, LEVELS[level]);
  return near === undefined ? `there are ${LEVELS[level].join(", ")}.` : `did you mean ${near}?`;
}

function cut(name: string): string {
  return name.length > LONGEST_NAME_SHOWN ? `${name.slice(0, LONGEST_NAME_SHOWN)}…` : name;
}
