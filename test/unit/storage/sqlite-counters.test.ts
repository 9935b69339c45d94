import { assert, asyncProperty } from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { inspectDatabase } from "../../../proof/sqlite/inspection.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { Driver } from "../../conformance/driver.ts";
import { randomTurns } from "../../conformance/random-operations.ts";
import { newFile } from "./open-sqlite.ts";

test("the counters equal a recount of the rows after any operations", async () => {
  await assert(
    asyncProperty(randomTurns, async (turns) => {
      const file = newFile();
      const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
      const driver = await Driver.start(storage);
      for (const { passedMs, operations } of turns) {
        driver.now += passedMs;
        await storage.turn(operations, { now: driver.now });
      }
      await storage.close();
      expect(inspectDatabase(file).faults).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 60_000);
