import type { DeadLetter, DeadLetterQuery } from "../storage/port.ts";
import type { EngineCalls } from "./api.ts";

/**
 * One page of several dead-letter queues as one, newest first by the time that tasks entered them; of the same
 * millisecond, those of the earlier Engine in the list first.
 */
export async function mergedDeadLetters(
  engines: readonly EngineCalls[],
  query: DeadLetterQuery,
): Promise<DeadLetter[]> {
  const { limit, after } = query;
  if (after === undefined) return merge(await Promise.all(engines.map((engine) => engine.deadLetters(query))), limit);
  const last = await find(engines, after);
  if (last === undefined) return [];
  const pages = engines.map((engine, index) => {
    if (index === last.index) return engine.deadLetters(query);
    // Times are whole milliseconds, and of the same one those of later Engines come after it.
    return engine.deadLetters({ limit, endedBefore: last.endedAt + (index > last.index ? 1 : 0) });
  });
  return merge(await Promise.all(pages), limit);
}

/** Which Engine has a dead letter. */
async function find(
  engines: readonly EngineCalls[],
  id: string,
): Promise<{ readonly index: number; readonly endedAt: number } | undefined> {
  for (const [index, engine] of engines.entries()) {
    const task = await engine.get(id);
    if (task === undefined) continue;
    const { state, endedAt } = task;
    return state === "in_dead_letter_queue" && endedAt !== undefined ? { index, endedAt } : undefined;
  }
  return undefined;
}

/** Each list keeps its own order. */
function merge(lists: readonly (readonly DeadLetter[])[], limit: number): DeadLetter[] {
  const left = lists.map((list) => list.toReversed());
  const merged: DeadLetter[] = [];
  while (merged.length < limit) {
    const latest = Math.max(...left.map((list) => list.at(-1)?.endedAt ?? -1));
    const next = left.find((list) => list.at(-1)?.endedAt === latest)?.pop();
    if (next === undefined) break;
    merged.push(next);
  }
  return merged;
}
