import { Stage3Error } from "../errors.ts";
import { ENQUEUE_OPTIONS, OPTIONS, type OptionAt, type StoredOption } from "./declarations.ts";
import { readOptions } from "./levels.ts";
import { noInlineMemory } from "./readers.ts";
import { type Given, readLevel } from "./read-level.ts";
import type { EnqueueOptions, FunctionPolicy } from "./settings.ts";
import type { TaskOptions } from "./types.ts";

/** What one enqueue decides for its task, checked: what is stored as its options, and what is stored apart from them. */
export interface ParsedTaskOptions extends Given<StoredOption<"apart">> {
  readonly options: EnqueueOptions;
}

/**
 * Checks what one enqueue decides for its task.
 *
 * @throws Stage3Error `INVALID_PRIORITY`, or `INVALID_OPTION`, naming the option.
 */
export function parseTaskOptions(given: unknown): ParsedTaskOptions {
  if (given === undefined) return { options: {} };
  const read: Given<OptionAt<"enqueue">> = readLevel(readOptions(given, "enqueue", ""), "enqueue");
  refuseExcluded(read);
  const apart: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const { as, stored } of ENQUEUE_OPTIONS) {
    if (as in read) (stored === "apart" ? apart : options)[as] = read[as];
  }
  return { ...apart, options };
}

function refuseExcluded(read: Given<OptionAt<"enqueue">>): void {
  for (const { name, as, excludes } of ENQUEUE_OPTIONS) {
    if (excludes === undefined || read[as] === undefined || read[OPTIONS[excludes].as] === undefined) continue;
    throw new Stage3Error("INVALID_OPTION", `${name} and ${excludes} cannot be given together; leave one of them out.`);
  }
}

/** What one enqueue has decided as it can be written again, durations in milliseconds, times as dates. */
export function writeTaskOptions({ options, ...apart }: ParsedTaskOptions): TaskOptions {
  const read: Given<OptionAt<"enqueue">> = { ...apart, ...options };
  const given = ENQUEUE_OPTIONS.filter(({ as }) => read[as] !== undefined);
  return Object.fromEntries(
    given.map(({ name, as, kind }) => [name, kind === "time" ? new Date(Number(read[as])) : read[as]]),
  ) as TaskOptions;
}

/**
 * Checks what `task(policy, handler)` decides for all tasks of its function.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the option and the function.
 */
export function parseFunctionPolicy(policy: unknown, functionName: string): FunctionPolicy {
  const given = readOptions(policy, "function", `task(${JSON.stringify(functionName)})`);
  const read = readLevel(given, "function");
  if (read.isolation === "inline" && read.maxMemoryBytes !== undefined) throw noInlineMemory(given.place("maxMemory"));
  return read;
}
