import type { NewTask } from "../../src/storage/port.ts";

const DAY_MS = 86_400_000;

interface ModelKey {
  readonly id: string;
  readonly contentHash: string;
  readonly keptUntil: number;
}

export type ModelRepeat = { kind: "repeated"; id: string } | { kind: "conflict" };

/** The idempotency keys as the model sees them. */
export class ModelKeys {
  readonly #keys: Map<string, ModelKey>;

  constructor(keys: Iterable<readonly [string, ModelKey]> = []) {
    this.#keys = new Map(keys);
  }

  copy(): ModelKeys {
    return new ModelKeys(this.#keys);
  }

  /** Undefined: there is no key, or a new one. */
  repeatOf({ idempotency }: NewTask, now: number): ModelRepeat | undefined {
    const known = idempotency && this.#keys.get(idempotency.key);
    if (known === undefined || known.keptUntil <= now) return undefined;
    return known.contentHash === idempotency?.contentHash ? { kind: "repeated", id: known.id } : { kind: "conflict" };
  }

  keep({ id, idempotency }: NewTask, now: number): void {
    if (idempotency === undefined) return;
    this.#keys.set(idempotency.key, { id, contentHash: idempotency.contentHash, keptUntil: now + DAY_MS });
  }

  prune(now: number): { removed: number; more: boolean } {
    const over = [...this.#keys].filter(([, { keptUntil }]) => keptUntil <= now);
    for (const [key] of over) this.#keys.delete(key);
    return { removed: over.length, more: false };
  }
}
