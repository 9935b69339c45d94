import { currentTask } from "stage3queue/tasks";
import { sieve } from "./sieve.ts";

const largestLimit = 10 ** 12;

/**
 * The task "count primes": how many primes there are up to and including a limit.
 *
 * It computes and nothing else, for an hour if need be, and never returns to its event loop. `throwIfAborted` sees an
 * abort all the same, so that the task ends by itself. One that never asked would be killed after its grace period.
 */
export function countPrimes(limit: number): number {
  if (!Number.isInteger(limit) || limit < 0 || limit > largestLimit) {
    throw new RangeError(`The limit must be a whole number from 0 to ${largestLimit}, not ${JSON.stringify(limit)}.`);
  }
  const { throwIfAborted, progress, log } = currentTask();
  let count = 0;
  let percent = 0;
  let upTo = 0;
  try {
    for (const segment of sieve(limit)) {
      throwIfAborted();
      count += segment.count;
      upTo = segment.upTo;
      const reached = Math.floor((100 * upTo) / limit);
      if (reached > percent) progress((percent = reached) / 100);
    }
  } finally {
    log(`${count} primes up to ${upTo}`);
  }
  return count;
}
