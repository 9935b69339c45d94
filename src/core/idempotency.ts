import { createHash } from "node:crypto";
import { ENQUEUE_OPTIONS } from "./options/declarations.ts";
import type { ParsedTaskOptions } from "./options/task-options.ts";

/** A key that makes an enqueue safe to repeat, with what tells whether it is the same enqueue. */
export interface IdempotencyKey {
  readonly key: string;
  readonly contentHash: string;
}

/** For how long after its first use a key is kept. */
export const IDEMPOTENCY_KEY_KEPT_MS = 86_400_000;

/** What an enqueue asks for, its options as they were given: one that is left out is not the same as the default by name. */
export interface EnqueueContent extends ParsedTaskOptions {
  readonly topic: string;
  readonly function: string;
  /** As a string. Properties in another order make another string. */
  readonly args: string;
}

/** Equal for two enqueues that ask for the same, whichever way a duration was written: SHA-256 in base64url. */
export function contentHashOf({ topic, function: functionName, args, options, ...apart }: EnqueueContent): string {
  const given: Omit<ParsedTaskOptions, "options"> = { ...apart, ...options };
  const hashed = HASHED.map((as) => [as, given[as]]).filter(([, value]) => value !== undefined);
  return createHash("sha256")
    .update(JSON.stringify([topic, functionName, args, hashed]))
    .digest("base64url");
}

/** By name, so that the hash does not depend on the order of the declarations. */
const HASHED = ENQUEUE_OPTIONS.filter(({ hashed }) => hashed)
  .map(({ as }) => as as keyof Omit<ParsedTaskOptions, "options">)
  .toSorted();
