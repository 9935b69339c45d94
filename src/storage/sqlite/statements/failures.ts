import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  insert: `INSERT INTO failures (task, attempt, at, code, message, stack) VALUES (?, ?, ?, ?, ?, ?)`,

  count: `UPDATE tasks SET failure_count = failure_count + 1 WHERE key = ? RETURNING failure_count`,

  /** Removes one failure of a task, the earliest being number 0. It steps over those before it, and no others. */
  removeNth: `
    DELETE FROM failures
    WHERE failure = (SELECT failure FROM failures WHERE task = ? ORDER BY failure LIMIT 1 OFFSET ?)`,
} as const;

export type FailureStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function failureStatements(database: DatabaseSync): FailureStatements {
  return prepareAll(database, SQL);
}
