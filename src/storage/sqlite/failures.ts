import { FIRST_FAILURES_KEPT, type FailureReason, LAST_FAILURES_KEPT } from "../../core/failure.ts";
import { number } from "./row.ts";
import type { Turn } from "./turn.ts";
import type { Sql } from "./prepared.ts";

export const FAILURES_SQL: Sql<"insert" | "count" | "removeNth"> = {
  insert: `INSERT INTO failures (task, attempt, at, code, message, stack) VALUES (?, ?, ?, ?, ?, ?)`,

  count: `UPDATE tasks SET failure_count = failure_count + 1 WHERE key = ? RETURNING failure_count`,

  /** Removes one failure of a task, the earliest being number 0. It steps over those before it, and no others. */
  removeNth: `
    DELETE FROM failures
    WHERE failure = (SELECT failure FROM failures WHERE task = ? ORDER BY failure LIMIT 1 OFFSET ?)`,
};

/** Adds a failed attempt to what is kept with its task: of many, the first and the last. */
export function recordFailure(
  { prepared, now, memory }: Turn,
  { key, attempt }: { readonly key: number; readonly attempt: number },
  failure: FailureReason,
): void {
  const { insert, count, removeNth } = prepared.of(FAILURES_SQL);
  const { code, message, stack } = memory?.shorten(failure) ?? failure;
  insert.run(key, attempt, now, code, message, stack ?? null);
  const failures = number(count.get(key) ?? {}, "failure_count");
  if (failures > FIRST_FAILURES_KEPT + LAST_FAILURES_KEPT) removeNth.run(key, FIRST_FAILURES_KEPT);
}
