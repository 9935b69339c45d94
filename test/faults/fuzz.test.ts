import { expect } from "vitest";
import { testFault } from "../support/fault.ts";
import { reportFigures } from "../support/figures.ts";
import { newFile } from "../unit/storage/open-sqlite.ts";
import { fuzz } from "./support/fuzz/fuzz.ts";
import { IS_LONG, sizeOf } from "../support/forms.ts";

const CALLS = sizeOf("generated calls");
const LONGEST_DELAY_MS = 50;

const GIVEN_SEED = process.env["STAGE3_SEED"];
const FIXED = ["a fixed seed", 1] as const;
const RANDOM = ["a random seed", Math.floor(Math.random() * 2 ** 31)] as const;

function seeds(): readonly (readonly [name: string, seed: number])[] {
  if (GIVEN_SEED !== undefined) return [["the given seed", Number(GIVEN_SEED)]];
  return IS_LONG ? [FIXED, RANDOM] : [FIXED];
}

for (const [name, seed] of seeds()) {
  testFault(
    {
      area: "http",
      fault: `generated calls, from ${name}`,
      injected:
        "150,000 requests over sockets and to the handler, and calls of the broker (the short form: 3,000), near to and far from those that are understood",
      holds:
        "no 5xx, no error that is not the caller's; every 1,000 calls as many tasks are stored as were acknowledged; no turn of the event loop takes 50 ms of its thread's processor time (by the clock it depends on the machine's load, and is printed)",
    },
    async (context) => {
      const report = await fuzz({ seed, calls: CALLS, database: `sqlite:${newFile()}` });
      const { taken, refused, delay } = report;
      reportFigures(context, {
        proof: `Generated calls, from ${name}`,
        figures: {
          seed,
          calls: report.calls,
          taken,
          refused,
          faults: report.faults.length,
          "longest turn of the event loop, of the thread's own time, in ms": delay.ownMax,
          "by the clock, p99 in ms": delay.clockP99,
          "by the clock, the longest in ms": delay.clockMax,
        },
      });
      const again = `repeat it: ${IS_LONG ? "STAGE3_LONG=1 " : ""}STAGE3_SEED=${seed} npm test -- test/faults/fuzz.test.ts`;
      expect(report.faults, again).toEqual([]);
      expect(Math.min(taken, refused), "some are taken, some are refused").toBeGreaterThan(report.calls / 10);
      expect(delay.ownMax, again).toBeLessThan(LONGEST_DELAY_MS);
    },
    600_000,
  );
}
