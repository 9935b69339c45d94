import type { Random } from "../../src/core/random.ts";

/** Draws from a source of chance. */
export class Chance {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  happens(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.random.fraction() * (most - least + 1));
  }

  /** A number of milliseconds from `least` to `most`, which needs not be whole. */
  between(least: number, most: number): number {
    return least + this.random.fraction() * (most - least);
  }

  pick<const Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError("There is nothing to pick from.");
    return item;
  }
}
