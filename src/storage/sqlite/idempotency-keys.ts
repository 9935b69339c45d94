import { IDEMPOTENCY_KEY_KEPT_MS } from "../../core/idempotency.ts";
import type { KnownKey } from "../known-keys.ts";
import type { NewTask, OperationResults } from "../port.ts";
import { text } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

export function findKey({ statements, now }: TurnContext, key: string): KnownKey | undefined {
  const row = statements.idempotencyKeys.find.get(key, now);
  return row && { id: text(row, "task_id"), contentHash: text(row, "content_hash") };
}

/** Keeps the key of a task, where it has one, for a day. */
export function keepKey({ statements, now }: TurnContext, { id, idempotency }: NewTask): void {
  if (idempotency === undefined) return;
  statements.idempotencyKeys.keep.run(idempotency.key, idempotency.contentHash, id, now + IDEMPOTENCY_KEY_KEPT_MS);
}

/** Removes keys whose day is over, the earliest first. */
export function pruneKeys({ statements, now }: TurnContext, limit: number): OperationResults["pruneKeys"] {
  const rows = statements.idempotencyKeys.over.all(now, limit + 1);
  const removed = rows.slice(0, limit);
  for (const row of removed) statements.idempotencyKeys.remove.run(text(row, "key"));
  return { removed: removed.length, more: rows.length > limit };
}
