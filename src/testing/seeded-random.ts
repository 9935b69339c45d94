import type { Random } from "../core/random.ts";

/** Chance that repeats itself: the mulberry32 generator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    fill(bytes) {
      for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(fraction() * 256);
    },
  };
}
