import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  insert: `INSERT INTO failures (task, attempt, at, code, message, stack) VALUES (?, ?, ?, ?, ?, ?)`,
} as const;

export type FailureStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function failureStatements(database: DatabaseSync): FailureStatements {
  return prepareAll(database, SQL);
}
