import { expect, test } from "vitest";
import { describeTorture } from "../../../proof/describe-torture.ts";
import { ROUND_KINDS } from "../../../proof/processes/round-kinds.ts";
import { runSeeds } from "../../../proof/simulation/run-seeds.ts";
import { processReport } from "./process-report.ts";

const CIRCUMSTANCES = { folder: "/folder", interruptedBy: undefined };
const EVERY_KIND = Object.fromEntries(ROUND_KINDS.map((kind) => [kind, 1]));

test("where the time was too short for something, it says so, and promises nothing of it", async () => {
  const simulation = await runSeeds({ from: 1, count: 0, sqliteEvery: 10 });
  const processes = processReport({ rounds: 0 });
  const text = describeTorture({ seed: 5, simulation, processes, isFine: true }, CIRCUMSTANCES);
  expect(text).toMatch(/^Real processes: 0 rounds$/mu);
  expect(text).toMatch(
    /\nNot tried in that time: simulated runs, rounds with real processes\nNothing was found broken so far\.$/u,
  );
});

test("kinds of rounds that did not come up are told", () => {
  const { migration: _, ...roundsByKind } = EVERY_KIND;
  const report = { seed: 5, simulation: undefined, processes: processReport({ roundsByKind }), isFine: true };
  expect(describeTorture(report, CIRCUMSTANCES)).toMatch(
    /\nNot tried in that time: migration\nNo promise was broken\.$/u,
  );
});

test("where everything was tried, nothing more is said", () => {
  const processes = processReport({ roundsByKind: EVERY_KIND });
  const text = describeTorture({ seed: 5, simulation: undefined, processes, isFine: true }, CIRCUMSTANCES);
  expect(text).not.toContain("Not tried");
});

test("what was broken is told with the command that repeats it, even where a signal broke it off", () => {
  const { verdict } = processReport({});
  const violations = [{ rule: "lost", sentence: "x was acknowledged, and is lost", index: 1 }];
  const processes = processReport({ brokenAfter: 20, verdict: { ...verdict, violations } });
  const report = { seed: 5, simulation: undefined, processes, isFine: false };
  const text = describeTorture(report, { folder: "/folder", interruptedBy: "SIGINT" });
  expect(text).toContain("Rounds of seed 5 broke a rule:\n  lost: x was acknowledged, and is lost\n");
  expect(text).toContain("npx stage3queue torture --rounds 20 --seed 5");
  expect(text).toMatch(/\nBroken off by SIGINT: .*\nA promise was broken; what was left is in \/folder \(seed 5\)\.$/u);
});
