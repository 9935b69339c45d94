import { setImmediate as nextTurn } from "node:timers/promises";
import { currentTask } from "stage3queue/tasks";
import { sieve } from "./sieve.ts";

const largestLimit = 10 ** 12;

/**
 * The task "count primes": how many primes there are up to and including a limit.
 *
 * It computes and nothing else, for an hour if need be. Between two segments it lets its event loop turn, which is
 * when an abort arrives. A task that never did so would be killed after its grace period instead.
 */
export async function countPrimes(limit: number): Promise<number> {
  if (!Number.isInteger(limit) || limit < 0 || limit > largestLimit) {
    throw new RangeError(`The limit must be a whole number from 0 to ${largestLimit}, not ${JSON.stringify(limit)}.`);
  }
  const { signal, progress } = currentTask();
  let count = 0;
  let percent = 0;
  for (const segment of sieve(limit)) {
    count += segment.count;
    const reached = Math.floor((100 * segment.upTo) / limit);
    if (reached > percent) progress((percent = reached) / 100);
    await nextTurn(undefined, { signal });
  }
  return count;
}
