// A setup file of every test file: after each test, nothing that it started may be left.
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, onTestFinished } from "vitest";
import { difference, removeTemporaryFiles, takeSnapshot, watch } from "./leak-snapshot.ts";
import type { Snapshot } from "./leak-snapshot.ts";

const stragglersMs = 2_000;
const pollMs = 20;

watch();

let beforeFile: Snapshot = new Map();

beforeAll(() => {
  beforeFile = takeSnapshot();
});

beforeEach(() => {
  const before = takeSnapshot();
  // Registered first, so it runs last: after the test's own `afterEach` and `onTestFinished`.
  onTestFinished(() => expectNothingLeft(before));
});

afterAll(async () => {
  try {
    await expectNothingLeft(beforeFile);
  } finally {
    removeTemporaryFiles();
  }
});

async function expectNothingLeft(before: Snapshot): Promise<void> {
  await turn(); // Node announces a new worker only after the code that made it has returned
  let leaks = difference(takeSnapshot(), before);
  for (let waitedMs = 0; leaks.length > 0 && waitedMs < stragglersMs; waitedMs += pollMs) {
    await wait(pollMs);
    leaks = difference(takeSnapshot(), before);
  }
  if (leaks.length === 0) return;
  for (const { end } of leaks) end?.();
  throw new Error(`Left behind:\n${leaks.map(({ description }) => `  - ${description}`).join("\n")}`);
}
