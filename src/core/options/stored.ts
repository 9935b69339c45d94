import { ENQUEUE_OPTIONS, OPTIONS, optionsAt, type Declaration, type OptionName } from "./declarations.ts";
import { KINDS } from "./kinds.ts";
import type { EnqueueOptions, FunctionPolicy } from "./settings.ts";

/** The options of a task as JSON, under the names of the code; undefined: its enqueue gave none. */
export function writeStoredOptions(options: EnqueueOptions): string | undefined {
  // Most tasks give none, and this is asked for each of them.
  if (Object.keys(options).length === 0) return undefined;
  const json = write(options, STORED_WITH_TASK);
  return json === "{}" ? undefined : json;
}

/** As {@link writeStoredOptions} has written them; null and undefined: there are none. */
export function readStoredOptions(json: string | null | undefined): EnqueueOptions {
  return json === null || json === undefined ? {} : read(json, STORED_WITH_TASK);
}

/** What a function decides, as JSON. */
export function writeStoredPolicy(policy: FunctionPolicy): string {
  return write(policy, optionsAt("function"));
}

/** As {@link writeStoredPolicy} has written it. */
export function readStoredPolicy(json: string): FunctionPolicy {
  return read(json, optionsAt("function"));
}

const STORED_WITH_TASK: readonly OptionName[] = ENQUEUE_OPTIONS.filter(
  ({ stored }) => stored === "with the task's options",
).map(({ name }) => name);

/** `Infinity`, which JSON cannot represent, is stored as a string. */
function write(values: object, names: readonly OptionName[]): string {
  const known = new Set(names.map((name): string => OPTIONS[name].as));
  const given = Object.entries(values).filter(([as, value]) => known.has(as) && value !== undefined);
  return JSON.stringify(Object.fromEntries(given.map(([as, value]) => [as, value === Infinity ? "Infinity" : value])));
}

/** What this version does not know, a later one has written: it is left out. So is what is not JSON. */
function read(json: string, names: readonly OptionName[]): object {
  const stored = parse(json);
  const values = new Map<string, unknown>(typeof stored === "object" && stored !== null ? Object.entries(stored) : []);
  const known = names.flatMap((name): [string, unknown][] => {
    const { as, kind }: Declaration = OPTIONS[name];
    const value = values.get(as) === "Infinity" ? Infinity : values.get(as);
    return isOfKind(value, kind) ? [[as, value]] : [];
  });
  return Object.fromEntries(known);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** A number was checked when it was written, perhaps by a version with other limits. */
function isOfKind(value: unknown, kind: keyof typeof KINDS): boolean {
  const { read: readValue, type } = KINDS[kind];
  if (typeof value !== type) return false;
  if (typeof value === "number") return value >= 0;
  try {
    return readValue(value, "") === value;
  } catch {
    return false;
  }
}
