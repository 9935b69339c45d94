import { expect, test } from "vitest";
import { type ProcessReport, runProcessRounds } from "../../src/torture/processes/run-process-rounds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const IS_LONG = process.env["STAGE3_LONG"] === "1";
/** The short form deals every kind of round to each of two databases. */
const ROUNDS = IS_LONG ? 1_000 : 38;
const SEED = Number(process.env["STAGE3_SEED"] ?? 1_414_213);

test(
  `${ROUNDS} rounds with killed, stalled and stopped workers, and nothing is lost`,
  { timeout: 60_000 + ROUNDS * 1_500 },
  async () => {
    const report = await runProcessRounds({ folder: temporaryFolder(), rounds: ROUNDS, seed: SEED });
    print(report);
    expect(report.verdict.violations).toEqual([]);
    expect(report.rounds).toBe(ROUNDS);
    expect(Object.keys(report.roundsByKind)).toHaveLength(11);
    // Else the kills met nothing.
    expect(report.cutOff).toBeGreaterThan(ROUNDS / 2);
    expect(report.verdict.recovered).toBeGreaterThan(0);
    expect(report.missed).toBeLessThan(ROUNDS / 5);
  },
);

function print({ verdict, roundsByKind, ...report }: ProcessReport): void {
  const { acknowledged, attempts, lost, unexpected, duplicated, recovered } = verdict;
  const kinds = Object.entries(roundsByKind).map(([kind, count]) => `${kind} ${count}`);
  console.log(
    `seed ${report.seed}, ${report.rounds} rounds (${kinds.join(", ")}), ${report.workers} workers: ` +
      `${acknowledged} tasks, ${attempts} attempts, ${report.cutOff} cut off by a death, ${lost} lost, ` +
      `${unexpected} unexpected, ${duplicated} run again after their end, ${recovered} stored without an answer; ` +
      `${report.missed} points missed, ${report.starved} leases lost without a stall, something seen at most ` +
      `${Math.ceil(report.longestAfterDeathMs)} ms after a death; ${Math.round(report.medianRoundMs)} ms a round in ` +
      `the median, ${Math.round(report.totalMs / 1_000)} s in all`,
  );
}
