import { seededRandom } from "../../../../src/testing/seeded-random.ts";

/** What the generators of fuzzed calls throw their dice with. */
export interface Chance {
  /** A whole number from 0 to `most`. */
  readonly upTo: (most: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** True `percent` times out of a hundred. */
  readonly in100: (percent: number) => boolean;
}

export function chance(seed: number): Chance {
  const random = seededRandom(seed);
  const upTo = (most: number): number => Math.floor(random.fraction() * (most + 1));
  return {
    upTo,
    pick: (items) => items[upTo(items.length - 1)] as (typeof items)[number],
    in100: (percent) => upTo(99) < percent,
  };
}
