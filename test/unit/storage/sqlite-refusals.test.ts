import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Settlement } from "../../../src/storage/port.ts";
import { toStorageError } from "../../../src/storage/sqlite/errors.ts";
import { claiming, Driver, enqueueing, FAILURE } from "../../conformance/driver.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

/** As from JavaScript, where no compiler looks: its message is nothing that a statement can be given. */
const BROKEN = { ...FAILURE, message: undefined } as unknown as typeof FAILURE;

const SETTLEMENTS: readonly Settlement[] = [
  { kind: "restart", failure: BROKEN, delayMs: 0 },
  { kind: "restart", failure: BROKEN, delayMs: 5 },
  { kind: "bury", failure: BROKEN },
];

test.each(SETTLEMENTS)("a $kind that fails half way leaves its task as it was", async (outcome) => {
  const driver = await Driver.start(await openSqlite(newFile()));
  await driver.running("a");
  const before = await driver.task("a");
  const { outcomes } = await driver.storage.turn(
    [enqueueing("b"), { kind: "settle", id: "a", epoch: 1, outcome }, enqueueing("c")],
    { now: driver.now },
  );
  expect(outcomes).toMatchObject([{ ok: true }, { ok: false, error: { code: "INVALID_ARGS" } }, { ok: true }]);
  expect(await driver.task("a")).toEqual(before);
  expect(await driver.claimIds(5)).toEqual(["b", "c"]);
});

test("a rescue that fails takes nothing over", async () => {
  const driver = await Driver.start(await openSqlite(newFile()));
  await driver.enqueueAll(["a", "b"]);
  await driver.claim(2);
  const rescue = { kind: "rescue", worker: "w1", heartbeat: 0, failure: BROKEN, limit: 5 } as const;
  const { outcomes } = await driver.storage.turn([rescue, enqueueing("c"), claiming(5)], { now: driver.now });
  expect(outcomes).toMatchObject([{ ok: false }, { ok: true }, { ok: true, value: [{ id: "c" }] }]);
  expect(await driver.storage.workers()).toHaveLength(1);
});

test("a full disk is told apart, and what fitted before is still there", () => {
  const database = new DatabaseSync(newFile());
  onTestFinished(() => database.close());
  database.exec("PRAGMA max_page_count = 3; CREATE TABLE t (x)");
  let thrown: unknown;
  try {
    database.exec("INSERT INTO t VALUES (zeroblob(100000))");
  } catch (error) {
    thrown = error;
  }
  expect(toStorageError(thrown, "queue.db")).toMatchObject({ code: "DATABASE_FULL", cause: thrown });
});
