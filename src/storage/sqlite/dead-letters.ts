import type { DeadLetterQuery, StoredTask } from "../port.ts";
import { number } from "./row.ts";
import type { ReadStatements } from "./statements/reads.ts";
import { readTask } from "./task-rows.ts";

/** One page of the dead-letter queue, newest first. */
export function readDeadLetters(statements: ReadStatements, { topic, limit, after }: DeadLetterQuery): StoredTask[] {
  const place = after === undefined ? Number.MAX_SAFE_INTEGER : placeOf(statements, after);
  if (place === undefined) return [];
  const rows =
    topic === undefined
      ? statements.deadLetters.all(place, limit)
      : statements.deadLettersOfTopic.all(topic, place, limit);
  return rows.map(readTask);
}

function placeOf(statements: ReadStatements, id: string): number | undefined {
  const row = statements.deadLetterPlace.get(id);
  return row && number(row, "sequence");
}
