import type { MeasuredDurability } from "./row.ts";

/** Where handlers run, and what a stored task survives. */
export interface Kind {
  readonly isolation: "inline" | "thread" | "process";
  readonly durability: MeasuredDurability;
}

/** What is measured of each load: the cost of durability where handlers cost least, and of isolation at the default. */
export const KINDS: readonly Kind[] = [
  { isolation: "inline", durability: "power-loss" },
  { isolation: "inline", durability: "process-crash" },
  { isolation: "inline", durability: "memory" },
  { isolation: "thread", durability: "power-loss" },
  { isolation: "process", durability: "power-loss" },
];
