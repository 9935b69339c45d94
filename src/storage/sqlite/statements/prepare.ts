import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Prepares each named statement once; they live as long as the connection. */
export function prepareAll<const Name extends string>(
  database: DatabaseSync,
  sql: Readonly<Record<Name, string>>,
): Readonly<Record<Name, StatementSync>> {
  const prepared: Partial<Record<Name, StatementSync>> = {};
  for (const name in sql) prepared[name] = database.prepare(sql[name]);
  // The loop has filled in every name.
  return prepared as Record<Name, StatementSync>;
}
