import type { DeadLetter, DeadLetterQuery } from "../../port.ts";
import type { Prepared, Sql } from "../prepared.ts";
import { number, optionalNumber, text } from "../row.ts";

export const DEAD_LETTERS_SQL: Sql<"place" | "ofAll" | "ofTopic"> = {
  place: `SELECT sequence FROM tasks WHERE id = ? AND state = 'in_dead_letter_queue'`,

  ofAll: `
    SELECT id, ended_at
    FROM tasks
    WHERE state = 'in_dead_letter_queue' AND sequence < ? AND coalesce(ended_at, 0) < ?
    ORDER BY sequence DESC
    LIMIT ?`,

  ofTopic: `
    SELECT id, ended_at
    FROM tasks
    WHERE state = 'in_dead_letter_queue' AND topic = ? AND sequence < ? AND coalesce(ended_at, 0) < ?
    ORDER BY sequence DESC
    LIMIT ?`,
};

/** One page of the dead-letter queue, newest first. */
export function readDeadLetters(prepared: Prepared, query: DeadLetterQuery): DeadLetter[] {
  const { topic, limit, after, endedBefore = Number.MAX_SAFE_INTEGER } = query;
  const { ofAll, ofTopic } = prepared.of(DEAD_LETTERS_SQL);
  const place = after === undefined ? Number.MAX_SAFE_INTEGER : placeOf(prepared, after);
  if (place === undefined) return [];
  const rows =
    topic === undefined ? ofAll.all(place, endedBefore, limit) : ofTopic.all(topic, place, endedBefore, limit);
  return rows.map((row) => ({ id: text(row, "id"), endedAt: optionalNumber(row, "ended_at") ?? 0 }));
}

function placeOf(prepared: Prepared, id: string): number | undefined {
  const row = prepared.of(DEAD_LETTERS_SQL).place.get(id);
  return row && number(row, "sequence");
}
