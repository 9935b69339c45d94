import type { TaskRecord } from "./api.ts";

/** What is read for one answer, while everything else waits. */
const MOST_TASKS = 100;
const LONGEST_TEXT = 1_000_000;

/** Reads the first of some tasks: one at least, and no more after those that come to a million characters. */
export async function readFirst(
  ids: readonly string[],
  read: (id: string) => Promise<TaskRecord | undefined>,
): Promise<readonly (TaskRecord | undefined)[]> {
  const tasks: (TaskRecord | undefined)[] = [];
  let length = 0;
  for (const id of ids.slice(0, MOST_TASKS)) {
    const task = await read(id);
    tasks.push(task);
    length += task === undefined ? 0 : textLengthOf(task);
    if (length >= LONGEST_TEXT) break;
  }
  return tasks;
}

function textLengthOf({ args, result = "", failures }: TaskRecord): number {
  let length = args.length + result.length;
  for (const { message, stack = "" } of failures) length += message.length + stack.length;
  return length;
}
