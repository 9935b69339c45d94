import { DatabaseSync } from "node:sqlite";
import { assert, asyncProperty } from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { Driver } from "../../conformance/driver.ts";
import { randomTurns } from "../../conformance/random-operations.ts";
import { newFile } from "./open-sqlite.ts";

/** Each counter as it is stored, and the rows that it should count. */
const COUNTERS = {
  topic: {
    stored: "SELECT topic, state, tasks FROM topic_counts WHERE tasks <> 0 ORDER BY 1, 2",
    recount: "SELECT topic, state, count(*) AS tasks FROM tasks GROUP BY 1, 2 ORDER BY 1, 2",
  },
  capacity: {
    stored: "SELECT topic, priority, tasks FROM capacity_counts WHERE tasks <> 0 ORDER BY 1, 2",
    recount: `
      SELECT topic, priority, count(*) AS tasks
      FROM tasks
      WHERE state = 'ready' AND attempt = 0 AND requeued = 0
      GROUP BY 1, 2
      ORDER BY 1, 2`,
  },
  // Without a condition: a row that comes to 0 is to be gone.
  ready: {
    stored: "SELECT topic, function, priority, tasks FROM ready_counts ORDER BY 1, 2, 3",
    recount: `
      SELECT topic, function, priority, count(*) AS tasks
      FROM tasks
      WHERE state = 'ready'
      GROUP BY 1, 2, 3
      ORDER BY 1, 2, 3`,
  },
} as const;

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
      const database = new DatabaseSync(file);
      try {
        for (const { stored, recount } of Object.values(COUNTERS)) {
          expect(database.prepare(stored).all()).toEqual(database.prepare(recount).all());
        }
      } finally {
        database.close();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
