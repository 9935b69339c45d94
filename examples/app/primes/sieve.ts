/** Odd numbers in a segment; one byte each, so that a segment stays in the processor's cache. */
const segmentSize = 2 ** 18;

/** How many primes lie in one segment, the segments of all numbers up to a limit coming in order. */
export interface Segment {
  /** The segment's last number. */
  readonly upTo: number;
  readonly count: number;
}

/**
 * The sieve of Eratosthenes over odd numbers, one segment after another: memory grows with the square root of the
 * limit only. Index i stands for the number 2i + 1.
 */
export function* sieve(limit: number): Generator<Segment, void> {
  if (limit < 2) return;
  const primes = oddPrimesUpTo(Math.floor(Math.sqrt(limit)));
  const nextMultiples = Float64Array.from(primes, (prime) => (prime * prime - 1) / 2);
  const composite = new Uint8Array(segmentSize);
  const end = Math.floor((limit + 1) / 2);

  for (let start = 0; start < end; start += segmentSize) {
    const size = Math.min(segmentSize, end - start);
    composite.fill(0);
    crossOut(composite, primes, nextMultiples);
    yield { upTo: Math.min(limit, 2 * (start + size)), count: countZeros(composite, size) };
  }
}

/** Marks the odd multiples of each prime, and leaves each prime's next multiple relative to the segment that follows. */
function crossOut(composite: Uint8Array, primes: Uint32Array, nextMultiples: Float64Array): void {
  for (let i = 0; i < primes.length; i++) {
    const prime = primes[i] ?? 0;
    let index = nextMultiples[i] ?? 0;
    for (; index < segmentSize; index += prime) composite[index] = 1;
    nextMultiples[i] = index - segmentSize;
  }
}

/** Index 0 stands for 1, which is no prime, and is left to count for 2, the one prime that is even. */
function countZeros(composite: Uint8Array, size: number): number {
  let count = size;
  for (let i = 0; i < size; i++) count -= composite[i] ?? 0;
  return count;
}

function oddPrimesUpTo(limit: number): Uint32Array {
  const composite = new Uint8Array(limit + 1);
  const primes: number[] = [];
  for (let number = 3; number <= limit; number += 2) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple <= limit; multiple += 2 * number) composite[multiple] = 1;
  }
  return Uint32Array.from(primes);
}
