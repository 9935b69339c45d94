import { expect, test } from "vitest";
import { Driver, enqueueing, KNOWN } from "../conformance/driver.ts";
import { newFile, openSqlite } from "../unit/storage/open-sqlite.ts";

const MOST_MS = 5;
const manyKnown = new Map(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, { maxRestarts: 1 }]));

async function fill(driver: Driver, count: number, functionOf: (index: number) => string): Promise<void> {
  for (let start = 0; start < count; start += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, count - start) }, (_, index) => start + index);
    await driver.all(
      batch.map((index) => enqueueing(`${functionOf(index)}-${index}`, { function: functionOf(index) })),
    );
  }
}

async function medianClaimMs(driver: Driver, functions: ReadonlyMap<string, { maxRestarts: number }>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    const startedAt = performance.now();
    const claimed = await driver.claim(10, { functions });
    times.push(performance.now() - startedAt);
    expect(claimed).toHaveLength(10);
  }
  return times.toSorted((a, b) => a - b)[7] ?? Infinity;
}

test("a claim is quick with 10,000 known functions", async () => {
  const driver = await Driver.start(await openSqlite(newFile()));
  await fill(driver, 20_000, (index) => `f${index % 10_000}`);
  expect(await medianClaimMs(driver, manyKnown)).toBeLessThan(MOST_MS);
});

test("a claim is quick with 100,000 tasks of an unknown function at the head of the line", async () => {
  const driver = await Driver.start(await openSqlite(newFile()));
  await fill(driver, 100_000, () => "unknown");
  await fill(driver, 500, () => "work");
  await fill(driver, 500, (index) => `f${index % 3}`);
  expect(await medianClaimMs(driver, KNOWN)).toBeLessThan(MOST_MS);
  expect(await medianClaimMs(driver, manyKnown)).toBeLessThan(MOST_MS);
}, 60_000);

test("a claim is quick with one known among 10,000 functions that have ready tasks", async () => {
  const driver = await Driver.start(await openSqlite(newFile()));
  await fill(driver, 10_000, (index) => `f${index}`);
  await fill(driver, 500, () => "work");
  expect(await medianClaimMs(driver, KNOWN)).toBeLessThan(MOST_MS);
});
