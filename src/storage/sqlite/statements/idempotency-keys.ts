import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  /** One whose day is over counts as gone, whether or not it was removed yet. */
  find: `
    SELECT content_hash, task_id
    FROM idempotency_keys
    WHERE key = ? AND kept_until > ?`,

  keep: `
    INSERT OR REPLACE INTO idempotency_keys (key, content_hash, task_id, kept_until)
    VALUES (?, ?, ?, ?)`,

  over: `
    SELECT key
    FROM idempotency_keys
    WHERE kept_until <= ?
    ORDER BY kept_until
    LIMIT ?`,

  remove: `DELETE FROM idempotency_keys WHERE key = ?`,
} as const;

export type IdempotencyKeyStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function idempotencyKeyStatements(database: DatabaseSync): IdempotencyKeyStatements {
  return prepareAll(database, SQL);
}
