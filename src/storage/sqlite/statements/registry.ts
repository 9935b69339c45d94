import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  registerTopic: `
    INSERT OR REPLACE INTO topics (topic, priority, max_concurrency, max_queue_len, max_restarts)
    VALUES (?, ?, ?, ?, ?)`,

  registerFunction: `INSERT OR REPLACE INTO functions (topic, function, policy) VALUES (?, ?, ?)`,

  raiseVersion: `UPDATE counters SET value = value + 1 WHERE name = 'registry_version'`,

  version: `SELECT value FROM counters WHERE name = 'registry_version'`,

  topics: `SELECT topic, priority, max_concurrency, max_queue_len, max_restarts FROM topics`,

  functions: `SELECT topic, function, policy FROM functions`,
} as const;

export type RegistryStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function registryStatements(database: DatabaseSync): RegistryStatements {
  return prepareAll(database, SQL);
}
