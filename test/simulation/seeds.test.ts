import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { HistoryEvent } from "../../proof/history/events.ts";
import { toLines } from "../../proof/evidence.ts";
import { describeFailure } from "../../proof/simulation/describe-failure.ts";
import { reportFigures } from "../support/figures.ts";
import { runSeed, runSeeds, type SimulatedStorageKind } from "../../proof/simulation/run-seeds.ts";
import { IS_LONG, sizeOf } from "../support/forms.ts";

const SEEDS = sizeOf("simulated seeds");
/** Others are tried with STAGE3_SEED, or with the command. */
const FIRST_SEED = Number(process.env["STAGE3_SEED"] ?? 1);

test(
  `${SEEDS} simulated runs with faults keep every promise`,
  async (context) => {
    const report = await runSeeds({ from: FIRST_SEED, count: SEEDS, sqliteEvery: 10 });
    const { failure, ...counts } = report;
    reportFigures(context, { proof: "Simulated runs", figures: { "first seed": FIRST_SEED, ...counts } });
    expect(failure === undefined ? undefined : describeFailure(failure)).toBeUndefined();
    expect(report).toMatchObject({ seeds: SEEDS, lost: 0, unexpected: 0 });
    expect(report.acknowledged).toBeGreaterThan(SEEDS * 10);
    expect(report.crashes).toBeGreaterThan(SEEDS / 2);
    expect(report.stalls).toBeGreaterThan(SEEDS / 2);
    expect(report.repeated).toBeGreaterThan(SEEDS * 10);
    expect(report.conflicts).toBeGreaterThan(SEEDS / 2);
  },
  IS_LONG ? 900_000 : 60_000,
);

test.each<SimulatedStorageKind>(["memory", "sqlite"])(
  "the same seed gives the same history, byte for byte (%s)",
  async (storage) => {
    for (const seed of [3, 5, 7, 11]) {
      const hashes = [await runSeed(seed, storage), await runSeed(seed, storage)].map(({ history }) => hashOf(history));
      expect(hashes[0]).toBe(hashes[1]);
    }
    const [one, other] = [await runSeed(3, storage), await runSeed(11, storage)];
    expect(hashOf(one.history)).not.toBe(hashOf(other.history));
  },
);

function hashOf(history: readonly HistoryEvent[]): string {
  return createHash("sha256").update(toLines(history)).digest("hex");
}
