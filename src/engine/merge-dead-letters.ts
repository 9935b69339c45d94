import type { DeadLetter, DeadLetterQuery } from "../storage/port.ts";
import type { EngineCalls } from "./api.ts";

/**
 * One page of two dead-letter queues as one, newest first by the time that tasks entered them; of the same millisecond,
 * those of `stored` first.
 */
export async function mergeDeadLetters(
  stored: EngineCalls,
  inMemory: EngineCalls,
  query: DeadLetterQuery,
): Promise<DeadLetter[]> {
  const { limit, after } = query;
  if (after === undefined) return merge(await stored.deadLetters(query), await inMemory.deadLetters(query), limit);
  const lastInMemory = await inMemory.get(after);
  const last = lastInMemory ?? (await stored.get(after));
  if (last?.state !== "in_dead_letter_queue" || last.endedAt === undefined) return [];
  if (lastInMemory !== undefined) {
    const older = await stored.deadLetters({ limit, endedBefore: last.endedAt });
    return merge(older, await inMemory.deadLetters(query), limit);
  }
  // Times are whole milliseconds, and of the same one those in memory come later.
  const older = await inMemory.deadLetters({ limit, endedBefore: last.endedAt + 1 });
  return merge(await stored.deadLetters(query), older, limit);
}

/** Each list keeps its own order. */
function merge(stored: readonly DeadLetter[], inMemory: readonly DeadLetter[], limit: number): DeadLetter[] {
  const merged: DeadLetter[] = [];
  const left = [...stored].toReversed();
  const right = [...inMemory].toReversed();
  while (merged.length < limit) {
    const isStored = (left.at(-1)?.endedAt ?? -1) >= (right.at(-1)?.endedAt ?? -1);
    const next = isStored ? left.pop() : right.pop();
    if (next === undefined) break;
    merged.push(next);
  }
  return merged;
}
