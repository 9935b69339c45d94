import { IDEMPOTENCY_KEY_KEPT_MS } from "../../core/idempotency.ts";
import type { KnownKey } from "../known-keys.ts";
import type { NewTask, OperationResults } from "../port.ts";

interface KeptKey extends KnownKey {
  readonly keptUntil: number;
}

/** The idempotency keys of the last day, in the order of their first use. */
export class IdempotencyKeys {
  readonly #kept = new Map<string, KeptKey>();

  /** One whose day is over counts as gone, whether or not it was removed yet. */
  find(key: string, now: number): KnownKey | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.keptUntil > now ? kept : undefined;
  }

  /** Keeps the key of a task, where it has one, for a day. How many more are kept now. */
  keep({ id, idempotency }: NewTask, now: number): number {
    if (idempotency === undefined) return 0;
    const { key, contentHash } = idempotency;
    const before = this.#kept.size;
    this.#kept.delete(key); // one that was used before goes to the end
    this.#kept.set(key, { id, contentHash, keptUntil: now + IDEMPOTENCY_KEY_KEPT_MS });
    return this.#kept.size - before;
  }

  /** Removes keys whose day is over, the earliest first. */
  prune(limit: number, now: number): OperationResults["pruneKeys"] {
    let removed = 0;
    for (const [key, { keptUntil }] of this.#kept) {
      if (keptUntil > now) break;
      if (removed >= limit) return { removed, more: true };
      this.#kept.delete(key);
      removed += 1;
    }
    return { removed, more: false };
  }
}
