import { sleep, systemClock } from "../../src/core/clock.ts";

/** The value, or undefined where it takes longer than `limitMs`. No timer is left behind. */
export async function within<Value>(value: Promise<Value>, limitMs: number): Promise<Value | undefined> {
  const decided = new AbortController();
  try {
    return (await Promise.race([value, sleep(systemClock, limitMs, decided.signal)])) ?? undefined;
  } finally {
    decided.abort();
  }
}
