import { errorAt, Stage3Error } from "../core/errors.ts";
import type { TaskOptions } from "../core/options/types.ts";
import type { TaskId } from "../core/task.ts";
import type { EnqueueRequest } from "../engine/api.ts";
import type { EnqueueArguments, FunctionNames, StoredResult, TaskHandlers } from "../tasks/task-types.ts";

/** One of the tasks that `broker.enqueueMany` takes: a function, its arguments, and options where it needs some. */
export type ManyEntry<Tasks extends TaskHandlers> = {
  [Name in FunctionNames<Tasks>]: readonly [
    name: Name,
    args: EnqueueArguments<Tasks, Name>,
    options?: TaskOptions | undefined,
  ];
}[FunctionNames<Tasks>];

/** As {@link ManyEntry}, where no types are known. */
export type PlainEntry = readonly [functionName: string, args: readonly unknown[], options?: TaskOptions | undefined];

/** The ids of tasks that were enqueued together, in their order. */
export type ManyIds<Tasks extends TaskHandlers, Entries extends readonly ManyEntry<Tasks>[]> = {
  -readonly [Index in keyof Entries]: TaskId<StoredResult<Tasks, Entries[Index][0]>>;
};

/** What one call takes at most, so that the turn which stores it keeps no kill or timeout waiting for long. */
const MOST_TASKS = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Reads the tasks that are to be enqueued together.
 *
 * @param readOne checks one of them.
 * @throws Stage3Error `INVALID_ARGS` where there are too many, or what is wrong with one, whose index the message names.
 */
export function readMany(
  entries: readonly PlainEntry[],
  readOne: (entry: PlainEntry) => EnqueueRequest,
): EnqueueRequest[] {
  if (!Array.isArray(entries)) throw refused("tasks must be an array of [function, args, options]");
  if (entries.length > MOST_TASKS) throw refused(`At most ${MOST_TASKS} tasks can be enqueued at once`);
  let bytes = 0;
  return entries.map((entry: unknown, index) => {
    const place = `tasks[${index}]`;
    if (!isEntry(entry)) throw refused(`${place} must be an array of a function's name, its args and options`);
    try {
      const request = readOne(entry);
      bytes += request.args.length;
      if (bytes > MOST_BYTES) throw refused(`The args of all tasks together are larger than ${MOST_BYTES} bytes`);
      return request;
    } catch (error) {
      throw errorAt(place, error);
    }
  });
}

function isEntry(entry: unknown): entry is PlainEntry {
  return Array.isArray(entry) && typeof entry[0] === "string" && (entry.length === 2 || entry.length === 3);
}

function refused(message: string): Stage3Error {
  return new Stage3Error("INVALID_ARGS", `${message}.`);
}
