import { parseDuration } from "./durations.ts";
import { type OptionReader, readOptions } from "./levels.ts";
import {
  readIdempotencyKey,
  readIsolation,
  readMaxMemory,
  readPriority,
  readRestarts,
  readTimeout,
} from "./readers.ts";
import type { EnqueueOptions, FunctionPolicy } from "./settings.ts";

/** What one enqueue decides for its task, checked. */
export interface ParsedTaskOptions {
  readonly priority: number | undefined;
  readonly options: EnqueueOptions;
  readonly idempotencyKey: string | undefined;
}

/**
 * Checks what one enqueue decides for its task.
 *
 * @throws Stage3Error `INVALID_PRIORITY`, or `INVALID_OPTION`, naming the option.
 */
export function parseTaskOptions(options: unknown): ParsedTaskOptions {
  if (options === undefined) return { priority: undefined, options: {}, idempotencyKey: undefined };
  const given = readOptions(options, "enqueue", "");
  return {
    priority: given.read("priority", readTaskPriority),
    options: readLimits(given),
    idempotencyKey: given.read("idempotencyKey", readIdempotencyKey),
  };
}

/**
 * Checks what `task(policy, handler)` decides for all tasks of its function.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the option and the function.
 */
export function parseFunctionPolicy(policy: unknown, functionName: string): FunctionPolicy {
  const given = readOptions(policy, "function", `task(${JSON.stringify(functionName)})`);
  const priority = given.read("priority", readPriority);
  const isolation = given.read("isolation", readIsolation);
  const maxMemoryBytes = readMaxMemory(given, isolation);
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
    ...readLimits(given),
  };
}

function readTaskPriority(value: unknown, option: string): number {
  return readPriority(value, option, "INVALID_PRIORITY");
}

/** Only what is given becomes a property, because a row stores just that. */
function readLimits(given: OptionReader): EnqueueOptions {
  const timeoutMs = given.read("timeout", readTimeout);
  const abortGraceMs = given.read("abortGrace", parseDuration);
  const maxRestarts = given.read("maxRestarts", readRestarts);
  const maxBackoffMs = given.read("maxBackoff", parseDuration);
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(abortGraceMs === undefined ? {} : { abortGraceMs }),
    ...(maxRestarts === undefined ? {} : { maxRestarts }),
    ...(maxBackoffMs === undefined ? {} : { maxBackoffMs }),
  };
}
