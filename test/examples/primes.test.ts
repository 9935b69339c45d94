import { expect, test } from "vitest";
import { sieve } from "../../examples/app/primes/sieve.ts";

test.each([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 2],
  [9, 4],
  [25, 9],
  [100, 25],
  [1_000_000, 78_498],
  [10_000_000, 664_579],
])("up to %i there are %i primes", (limit, primes) => {
  expect(count(limit)).toBe(primes);
});

test("counts right on either side of every segment's border", () => {
  const border = 2 * 2 ** 18;
  for (let limit = border - 4; limit <= border + 4; limit++) expect(count(limit)).toBe(countByDivision(limit));
});

test("segments come in order and end at the limit", () => {
  const ends = [...sieve(2_000_001)].map(({ upTo }) => upTo);
  expect(ends.length).toBeGreaterThan(2);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect(ends.at(-1)).toBe(2_000_001);
});

function count(limit: number): number {
  return [...sieve(limit)].reduce((sum, segment) => sum + segment.count, 0);
}

/** Slow and obvious. */
function countByDivision(limit: number): number {
  const primes: number[] = [];
  for (let number = 2; number <= limit; number++) {
    const root = Math.sqrt(number);
    let isPrime = true;
    for (const prime of primes) {
      if (prime > root) break;
      if (number % prime === 0) {
        isPrime = false;
        break;
      }
    }
    if (isPrime) primes.push(number);
  }
  return primes.length;
}
