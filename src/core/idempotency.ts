import { createHash } from "node:crypto";
import type { EnqueueOptions } from "./options/settings.ts";

/** A key that makes an enqueue safe to repeat, with what tells whether it is the same enqueue. */
export interface IdempotencyKey {
  readonly key: string;
  readonly contentHash: string;
}

/** For how long after its first use a key is kept. */
export const IDEMPOTENCY_KEY_KEPT_MS = 86_400_000;

/** What a key may be, for messages. */
export const IDEMPOTENCY_KEY_FORMS: string = "a text of 1 to 255 visible ASCII characters, without spaces";

/** Whether a value may be a key. It is taken as it stands: quotes are part of it. */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,255}$/.test(value);
}

/** What an enqueue asks for. */
export interface EnqueueContent {
  readonly topic: string;
  readonly function: string;
  /** As text. Properties in another order are another text. */
  readonly args: string;
  /** As it was given. One that is left out is not the same as the default by name. */
  readonly priority: number | undefined;
  readonly options: EnqueueOptions;
}

/** Equal for two enqueues that ask for the same, whichever way a duration was written: SHA-256 in base64url. */
export function contentHashOf(content: EnqueueContent): string {
  const { topic, function: functionName, args, priority, options } = content;
  const { timeoutMs, abortGraceMs, maxRestarts, maxBackoffMs } = options;
  const parts = [topic, functionName, args, priority, timeoutMs, abortGraceMs, maxRestarts, maxBackoffMs];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
