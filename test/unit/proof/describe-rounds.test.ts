import { expect, test } from "vitest";
import { describeBrokenRounds, untriedRounds } from "../../../proof/processes/describe-rounds.ts";
import { roundsOnDatabase } from "../../../proof/processes/round-kinds.ts";
import { processReport } from "./process-report.ts";

test("rounds that broke something name the command that plays them again, up to where it was", () => {
  const violations = Array.from({ length: 7 }, (_, index) => ({ rule: "lost", sentence: `${index} is lost`, index }));
  const { verdict } = processReport({});
  const text = describeBrokenRounds(processReport({ brokenAfter: 40, verdict: { ...verdict, violations } }));
  expect(text).toContain("Rounds of seed 5 broke 7 rules:\n  lost: 0 is lost\n");
  expect(text).toContain(
    "\n  and 2 more\nPlay the same rounds again with: npx stage3queue torture --rounds 40 --seed 5\n",
  );
  // Nothing could even be started.
  expect(describeBrokenRounds(processReport({ brokenAfter: 0 }))).toContain("torture --rounds 1 --seed 5");
});

test("a database gets as many rounds in a short run as in a long one", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map(roundsOnDatabase)).toEqual([20, 20, 40, 40, 80, 80, 100, 100, 100]);
});

test("kinds of rounds that did not come up are told", () => {
  const all = untriedRounds(processReport({}));
  expect(all).toHaveLength(13);
  const roundsByKind = Object.fromEntries(all.slice(1).map((kind) => [kind, 1]));
  expect(untriedRounds(processReport({ roundsByKind }))).toEqual(all.slice(0, 1));
});
