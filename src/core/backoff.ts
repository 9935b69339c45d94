import type { Random } from "./random.ts";

/** So that tasks that failed together do not all come back at the same moment. */
const LONGEST_JITTER_MS = 100;

/**
 * How long a task waits before a restart, in whole milliseconds, `restart` counted from 1:
 *
 *     min(2^restart s + jitter, maxBackoffMs), the jitter a random whole number from 0 to 100 ms
 *
 * With `maxBackoffMs` 0 there is no wait. However large `restart` is, the wait is never longer than `maxBackoffMs`.
 */
export function backoffDelayMs(restart: number, maxBackoffMs: number, random: Random): number {
  const jitterMs = Math.floor(random.fraction() * (LONGEST_JITTER_MS + 1));
  return Math.min(2 ** restart * 1_000 + jitterMs, maxBackoffMs);
}
