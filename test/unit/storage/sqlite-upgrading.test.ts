import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Driver } from "../../conformance/driver.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

/** A file of the first schema, with a task in each of some states. */
function firstSchema(): string {
  const file = newFile();
  const database = new DatabaseSync(file);
  database.exec(readFileSync(new URL("../../../migrations/sqlite/0001_tasks.sql", import.meta.url), "utf8"));
  database.exec(`
    PRAGMA application_id = 0x53335175;
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
    INSERT INTO tasks (key, id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, args)
    VALUES (1, 'ready', 'default', 'work', 10, 'ready', 1, 0, 0, 5, '["x"]');
    INSERT INTO tasks (key, id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, ended_at, args)
    VALUES (2, 'ended', 'default', 'work', 10, 'finished', 2, 1, 1, 5, 7, '[]');
    INSERT INTO failures (task, attempt, at, code, message)
    WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 130)
    SELECT 2, n, 6, 'TASK_FAILED', 'no. ' || n FROM numbers;
    INSERT INTO topic_counts VALUES ('default', 'ready', 1), ('default', 'finished', 1);
    INSERT INTO capacity_counts VALUES ('default', 10, 1);
    INSERT INTO ready_counts VALUES ('default', 'work', 10, 1);
    UPDATE counters SET value = 2 WHERE name = 'sequence';
  `);
  database.close();
  return file;
}

test("brings a file of the first schema up to date, and keeps what is in it", async () => {
  const file = firstSchema();
  const driver = await Driver.start(await openSqlite(file));
  expect(await driver.task("ended")).toMatchObject({ state: "finished", endedAt: 7, failureCount: 130 });
  const kept = (await driver.task("ended")).failures.map(({ message }) => message);
  expect([kept.length, kept[9], kept[10], kept[99]]).toEqual([100, "no. 10", "no. 41", "no. 130"]);
  const idempotency = { key: "key", contentHash: "this" };
  expect(await driver.enqueue("new", { idempotency, maxQueueLen: 2 })).toEqual({ kind: "stored" });
  expect(await driver.enqueue("again", { idempotency })).toEqual({ kind: "repeated", id: "new" });
  expect(await driver.claimIds(9)).toEqual(["ready", "new"]);
});

test("tells older code to keep off, whose changes would leave counters untrue; a connection that is open still reads", async () => {
  const file = firstSchema();
  const old = new DatabaseSync(file);
  try {
    const count = old.prepare("SELECT count(*) AS tasks FROM tasks");
    expect(count.get()).toEqual({ tasks: 2 });
    await (await Driver.start(await openSqlite(file))).enqueue("new");
    expect(count.get()).toEqual({ tasks: 3 });
    const oldest = old.prepare("SELECT value FROM counters WHERE name = 'oldest_compatible_schema'").get();
    expect(oldest).toEqual({ value: 6 });
  } finally {
    old.close();
  }
});
