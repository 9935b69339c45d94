import process from "node:process";

/** The machine's monotonic clock in milliseconds: the same one in every thread and process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The value that `share` of all values are below or equal to; 0.5: the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("There is no percentile of nothing.");
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** How many a second, of `count` things that `work` does. */
export async function ratePerSecond(count: number, work: () => unknown): Promise<number> {
  const startedAt = monotonicMs();
  await work();
  return (count * 1_000) / (monotonicMs() - startedAt);
}
