import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { enqueueing } from "../../conformance/driver.ts";
import { newFile } from "./open-sqlite.ts";

test("a file that a VACUUM has made shorter is whole", async () => {
  const file = newFile();
  const clock = new VirtualClock();
  const storage = await SqliteStorage.open({ file, durability: "process-crash", clock });
  onTestFinished(() => storage.close());
  const tool = new DatabaseSync(file);
  onTestFinished(() => tool.close());
  await storage.turn(
    Array.from({ length: 300 }, (_, index) =>
      enqueueing(`task-${index}`, { args: JSON.stringify(["x".repeat(1_500)]) }),
    ),
    { now: 1 },
  );
  tool.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  await storage.turn([enqueueing("before")], { now: 1 });
  const before = statSync(file).size;
  tool.exec("DELETE FROM tasks WHERE id GLOB 'task-*'; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  expect(statSync(file).size).toBeLessThan(before / 2);
  // What has come since then is in the log alone.
  tool.exec("CREATE TABLE more (x); INSERT INTO more VALUES (zeroblob(200000))");
  expect(await storage.turn([enqueueing("after")], { now: 1 })).toMatchObject({ outcomes: [{ ok: true }] });
  await clock.advance(200);
  for (const id of ["before", "after"]) expect(await storage.state(id)).toBe("ready");
});
