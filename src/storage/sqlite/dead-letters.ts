import type { DeadLetter, DeadLetterQuery } from "../port.ts";
import { number, optionalNumber, text } from "./row.ts";
import type { ReadStatements } from "./statements/reads.ts";

/** One page of the dead-letter queue, newest first. */
export function readDeadLetters(statements: ReadStatements, query: DeadLetterQuery): DeadLetter[] {
  const { topic, limit, after, endedBefore = Number.MAX_SAFE_INTEGER } = query;
  const place = after === undefined ? Number.MAX_SAFE_INTEGER : placeOf(statements, after);
  if (place === undefined) return [];
  const rows =
    topic === undefined
      ? statements.deadLetters.all(place, endedBefore, limit)
      : statements.deadLettersOfTopic.all(topic, place, endedBefore, limit);
  return rows.map((row) => ({ id: text(row, "id"), endedAt: optionalNumber(row, "ended_at") ?? 0 }));
}

function placeOf(statements: ReadStatements, id: string): number | undefined {
  const row = statements.deadLetterPlace.get(id);
  return row && number(row, "sequence");
}
