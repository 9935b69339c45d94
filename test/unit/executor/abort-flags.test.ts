import { expect, test } from "vitest";
import { AbortFlags, packFlag } from "../../../src/executor/abort-flags.ts";

const REASONS = ["abort", "timeout", "shutdown", "lease_lost"] as const;

test("tells each thread that shares it which run is to stop, and why", () => {
  const flags = new AbortFlags(1);
  const shared = new AbortFlags(flags.buffer);
  for (const [index, reason] of REASONS.entries()) {
    const run = index + 1;
    expect(shared.reasonOf(run)).toBeUndefined();
    flags.raise(run, reason);
    expect(shared.reasonOf(run)).toBe(reason);
  }
});

test("a flag is never taken for that of another run, in the same place or elsewhere", () => {
  const flags = new AbortFlags(4);
  flags.raise(6, "timeout");
  expect([2, 5, 6, 7, 10, 14].map((run) => flags.reasonOf(run))).toEqual([
    undefined,
    undefined,
    "timeout",
    undefined,
    undefined,
    undefined,
  ]);
  flags.raise(10, "abort");
  expect([6, 10].map((run) => flags.reasonOf(run))).toEqual([undefined, "abort"]);
  flags.clear();
  expect(flags.reasonOf(10)).toBeUndefined();
});

test("comes over a pipe, of several the last", () => {
  const flags = new AbortFlags(1);
  flags.raisePacked(Buffer.alloc(0));
  flags.raisePacked(packFlag(1, "timeout"));
  expect(flags.reasonOf(1)).toBe("timeout");
  flags.raisePacked(Buffer.concat([packFlag(2, "abort"), packFlag(100_000_000, "lease_lost")]));
  expect([1, 2, 100_000_000].map((run) => flags.reasonOf(run))).toEqual([undefined, undefined, "lease_lost"]);
});
