import { expect, test } from "vitest";
import { check } from "../../../src/torture/history/check.ts";
import { describeBrokenRounds, untriedRounds } from "../../../src/torture/processes/describe-rounds.ts";
import { roundsOnDatabase } from "../../../src/torture/processes/round-kinds.ts";
import type { ProcessReport } from "../../../src/torture/processes/run-process-rounds.ts";

function reported(more: Partial<ProcessReport>): ProcessReport {
  return {
    seed: 5,
    rounds: 50,
    brokenAfter: undefined,
    roundsByKind: {},
    verdict: check([], { maxConcurrency: {} }),
    workers: 0,
    cutOff: 0,
    missed: 0,
    starved: 0,
    longestAfterDeathMs: 0,
    medianRoundMs: 0,
    totalMs: 0,
    ...more,
  };
}

test("rounds that broke something name the command that plays them again, up to where it was", () => {
  const violations = Array.from({ length: 7 }, (_, index) => ({ rule: "lost", sentence: `${index} is lost`, index }));
  const { verdict } = reported({});
  const text = describeBrokenRounds(reported({ brokenAfter: 40, verdict: { ...verdict, violations } }));
  expect(text).toContain("Rounds of seed 5 broke 7 rules:\n  lost: 0 is lost\n");
  expect(text).toContain(
    "\n  and 2 more\nPlay the same rounds again with: npx stage3queue torture --rounds 40 --seed 5\n",
  );
  // Nothing could even be started.
  expect(describeBrokenRounds(reported({ brokenAfter: 0 }))).toContain("torture --rounds 1 --seed 5");
});

test("a database gets as many rounds in a short run as in a long one", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map(roundsOnDatabase)).toEqual([20, 20, 40, 40, 80, 80, 100, 100, 100]);
});

test("kinds of rounds that did not come up are told", () => {
  const all = untriedRounds(reported({}));
  expect(all).toHaveLength(13);
  const roundsByKind = Object.fromEntries(all.slice(1).map((kind) => [kind, 1]));
  expect(untriedRounds(reported({ roundsByKind }))).toEqual(all.slice(0, 1));
});
