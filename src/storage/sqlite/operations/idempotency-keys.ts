import { IDEMPOTENCY_KEY_KEPT_MS } from "../../../core/idempotency.ts";
import type { KnownKey } from "../../known-keys.ts";
import type { NewTask, OperationResults } from "../../port.ts";
import { text } from "../row.ts";
import type { Turn } from "../turn.ts";
import type { Sql } from "../prepared.ts";

export const IDEMPOTENCY_KEYS_SQL: Sql<"find" | "keep" | "expired" | "remove"> = {
  /** An expired key counts as gone, whether or not it was removed yet. */
  find: `
    SELECT content_hash, task_id
    FROM idempotency_keys
    WHERE key = ? AND kept_until > ?`,

  keep: `
    INSERT OR REPLACE INTO idempotency_keys (key, content_hash, task_id, kept_until)
    VALUES (?, ?, ?, ?)`,

  expired: `
    SELECT key
    FROM idempotency_keys
    WHERE kept_until <= ?
    ORDER BY kept_until
    LIMIT ?`,

  remove: `DELETE FROM idempotency_keys WHERE key = ?`,
};

export function findKey({ prepared, now }: Turn, key: string): KnownKey | undefined {
  const row = prepared.of(IDEMPOTENCY_KEYS_SQL).find.get(key, now);
  return row && { id: text(row, "task_id"), contentHash: text(row, "content_hash") };
}

/** Keeps the key of a task, where it has one, for a day. */
export function keepKey({ prepared, now }: Turn, { id, idempotency }: NewTask): void {
  if (idempotency === undefined) return;
  const { keep } = prepared.of(IDEMPOTENCY_KEYS_SQL);
  keep.run(idempotency.key, idempotency.contentHash, id, now + IDEMPOTENCY_KEY_KEPT_MS);
}

/** Removes expired keys, the earliest first. */
export function pruneKeys({ prepared, now }: Turn, limit: number): OperationResults["pruneKeys"] {
  const { expired, remove } = prepared.of(IDEMPOTENCY_KEYS_SQL);
  const rows = expired.all(now, limit + 1);
  const removed = rows.slice(0, limit);
  for (const row of removed) remove.run(text(row, "key"));
  return { removed: removed.length, more: rows.length > limit };
}
