import { type Clock, sleep } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import { StorageBusy } from "../storage/port.ts";
import { PATIENCE_MS } from "./api.ts";

export const BUSY_RETRY_MS = 5;

/** What a call is answered with whose patience has run out. */
export function lockedTooLong(cause: StorageBusy): Stage3Error {
  return new Stage3Error("DATABASE_UNAVAILABLE", "The database stayed locked for 5 s; try again later.", { cause });
}

/**
 * Reads again where the storage is locked, for at most five seconds. Rejects with `DATABASE_UNAVAILABLE` after them, and
 * with the reason of `signal` once that is aborted.
 */
export async function patiently<Result>(
  clock: Clock,
  signal: AbortSignal,
  read: () => Promise<Result>,
): Promise<Result> {
  const giveUpAt = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StorageBusy)) throw error;
      signal.throwIfAborted();
      if (clock.monotonic() >= giveUpAt) throw lockedTooLong(error);
    }
    await sleep(clock, BUSY_RETRY_MS, signal);
  }
}
