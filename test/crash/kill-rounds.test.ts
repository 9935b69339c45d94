import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeBrokenRounds } from "../../proof/processes/describe-rounds.ts";
import { type ProcessReport, runProcessRounds } from "../../proof/processes/run-process-rounds.ts";
import { type Figures, reportFigures } from "../support/figures.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { sizeOf } from "../support/forms.ts";

/** The short form deals every kind of round to each of two databases. */
const ROUNDS = sizeOf("rounds with real processes");
/** Beside the test reports, which are no part of the repository either. */
const KEPT = fileURLToPath(new URL("../../.reports/failed-rounds", import.meta.url));
const SEED = Number(process.env["STAGE3_SEED"] ?? 1_414_213);

test(
  `${ROUNDS} rounds with killed, stalled and stopped workers, and nothing is lost`,
  { timeout: 60_000 + ROUNDS * 1_500 },
  async (context) => {
    const folder = temporaryFolder();
    const report = await runProcessRounds({ folder, rounds: ROUNDS, seed: SEED });
    reportFigures(context, figuresOf(report));
    // What is left in the folder then shows what was wrong: another run would show something else.
    if (report.verdict.violations.length > 0) cpSync(folder, KEPT, { recursive: true });
    expect(report.verdict.violations, describeBrokenRounds(report)).toEqual([]);
    expect(report.rounds).toBe(ROUNDS);
    expect(Object.keys(report.roundsByKind)).toHaveLength(13);
    // Else the kills met nothing.
    expect(report.cutOff).toBeGreaterThan(ROUNDS / 2);
    expect(report.verdict.recovered).toBeGreaterThan(0);
    expect(report.missed).toBeLessThan(ROUNDS / 5);
  },
);

function figuresOf({ verdict, roundsByKind, ...report }: ProcessReport): Figures {
  const { acknowledged, attempts, lost, unexpected, duplicated, recovered } = verdict;
  return {
    proof: "Rounds with real processes",
    figures: {
      seed: report.seed,
      rounds: report.rounds,
      ...roundsByKind,
      workers: report.workers,
      acknowledged,
      attempts,
      "cut off by a death": report.cutOff,
      lost,
      unexpected,
      "run again after their end": duplicated,
      recovered,
      "points missed": report.missed,
      "leases lost without a stall": report.starved,
      "longest that something was seen after a death, in ms": Math.ceil(report.longestAfterDeathMs),
      "a round in the median, in ms": Math.round(report.medianRoundMs),
      "in all, in s": Math.round(report.totalMs / 1_000),
    },
  };
}
