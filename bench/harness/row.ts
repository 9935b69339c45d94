import type { LoopDelay } from "./loop-delay.ts";

/** What an acknowledged task of the measured instance survives; `memory`: nothing, it is in a `memory:` database. */
export type MeasuredDurability = "power-loss" | "process-crash" | "memory";

export type Unit = "tasks/s" | "ms" | "MB";

/** One figure. */
export interface Row {
  readonly name: string;
  readonly durability: MeasuredDurability;
  readonly unit: Unit;
  /** The median of the repetitions. */
  readonly value: number;
  /** What `node:sqlite` alone does with the same rows, in the same unit; undefined where there is no such thing. */
  readonly raw?: number | undefined;
  readonly loop?: LoopDelay | undefined;
}

/** What the report's table holds of a row. */
export function cellsOf(row: Row): string[] {
  return [
    row.name,
    row.durability,
    `${format(row.value)} ${row.unit}`,
    row.raw === undefined ? "" : `${format(row.raw)} ${row.unit}`,
    row.raw === undefined ? "" : `${format(row.value / row.raw)} ×`,
    row.loop === undefined ? "" : [row.loop.p50, row.loop.p99, row.loop.max].map(format).join(" / "),
  ];
}

export const HEAD: readonly string[] = [
  "measurement",
  "durability",
  "result",
  "raw node:sqlite",
  "ratio",
  "loop delay p50 / p99 / max (ms)",
];

/** Three digits that count, or all of a whole number, with its thousands apart. */
function format(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
