import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { claiming, Driver, enqueueing, FAILURE, TOPIC } from "../../conformance/driver.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

const BEYOND = "9223372036854775807";

/** A storage, and what changes its rows behind its back. */
async function open(): Promise<{ driver: Driver; sql: (text: string) => void }> {
  const file = newFile();
  const driver = await Driver.start(await openSqlite(file));
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  return { driver, sql: (text) => database.exec(text) };
}

test("a claim takes what cannot be read along, and says so", async () => {
  const { driver, sql } = await open();
  await driver.enqueueAll(["a", "b", "c"]);
  await driver.enqueue("long", { args: JSON.stringify(["x".repeat(3_000)]) });
  sql(
    `UPDATE tasks SET args = NULL WHERE id = 'a'; UPDATE tasks SET epoch = ${BEYOND} WHERE id = 'b'; DELETE FROM long_args`,
  );
  const { outcomes } = await driver.storage.turn([claiming(10), enqueueing("d")], { now: driver.now });
  const [claim] = outcomes;
  if (!claim.ok) throw claim.error;
  expect(claim.value.map(({ id, unreadable }) => [id, unreadable !== undefined])).toEqual([
    ["a", true],
    ["b", true],
    ["c", false],
    ["long", true],
  ]);
  for (const attempt of claim.value) {
    expect(await driver.settle(attempt, { kind: "bury", failure: FAILURE })).toMatchObject({ kind: "settled" });
  }
  expect(await driver.storage.deadLetters({ limit: 10 })).toHaveLength(4);
  expect(await driver.claimIds(10)).toEqual(["d"]);
});

test("rescue, disclaim, promotion and pruning go on beside rows with numbers that JavaScript has not", async () => {
  const { driver, sql } = await open();
  await driver.enqueueAll(["a", "b", "c", "d"]);
  const [, second, third, fourth] = await driver.claim(4);
  if (second === undefined || third === undefined || fourth === undefined) throw new Error("Too few were claimed.");
  sql(`UPDATE tasks SET attempt = ${BEYOND}, epoch = ${BEYOND} WHERE id = 'a'`);
  await driver.settle(second, { kind: "restart", failure: FAILURE, delayMs: 5 });
  await driver.settle(third, { kind: "restart", failure: FAILURE, delayMs: 5 });
  sql(`UPDATE tasks SET due_at = ${BEYOND}, enqueued_at = ${BEYOND} WHERE id = 'b'`);
  expect(await driver.storage.nextDueAt()).toBe(driver.now + 5);
  driver.now += 10;
  expect(await driver.do({ kind: "promote", limit: 10 })).toMatchObject({ more: false });
  await driver.settle(fourth, { kind: "finish" });
  sql(`UPDATE tasks SET started_at = ${BEYOND} WHERE id = 'd'`);
  expect(await driver.do({ kind: "disclaim", worker: "w1", known: [] })).toEqual([]);
  const rescue = { kind: "rescue", worker: "w1", heartbeat: 0, failure: FAILURE, limit: 10 } as const;
  expect(await driver.do(rescue)).toEqual({ rescued: 1, done: true });
  expect(await driver.task("b")).toMatchObject({ state: "waiting", enqueuedAt: 0 });
  expect(await driver.task("d")).toMatchObject({ state: "finished", startedAt: undefined });
  driver.now += 10;
  const limits = { endedBefore: driver.now, limit: 10, maxBytes: Infinity };
  const prune = { kind: "prune", state: "finished", topics: [TOPIC], ...limits } as const;
  expect(await driver.do(prune)).toEqual({ removed: 1, more: false });
});

test("what cannot be read of one task is refused alone", async () => {
  const { driver, sql } = await open();
  await driver.enqueueAll(["a", "b"]);
  sql("UPDATE tasks SET state = 'lost' WHERE id = 'a'");
  await expect(driver.storage.get("a")).rejects.toMatchObject({ code: "TASK_UNREADABLE" });
  const { outcomes } = await driver.storage.turn([{ kind: "abort", id: "a" }, enqueueing("c")], { now: driver.now });
  expect(outcomes).toMatchObject([{ ok: false, error: { code: "TASK_UNREADABLE" } }, { ok: true }]);
  expect(await driver.claimIds(10)).toEqual(["b", "c"]);
});
