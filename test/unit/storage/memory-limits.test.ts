import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { MemoryLimits } from "../../../src/storage/sqlite/memory.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { Driver, enqueueing, FAILURE } from "../../conformance/driver.ts";

const UNLIMITED: MemoryLimits = { liveBytes: Infinity, endedBytes: Infinity, endedTasks: Infinity };
/** What a database without tasks takes, at the most. */
const EMPTY_BYTES = 28 * 4_096;

const LARGE = JSON.stringify(["x".repeat(100_000)]);

async function open(limits: Partial<MemoryLimits>): Promise<Driver> {
  return Driver.start(await SqliteStorage.openInMemory(systemClock, { ...UNLIMITED, ...limits }));
}

function states(driver: Driver, ids: readonly string[]): Promise<(string | undefined)[]> {
  return Promise.all(ids.map((id) => driver.storage.state(id)));
}

test("keeps so many ended tasks of each state, whatever their topic, and removes the earliest after their turn", async () => {
  const driver = await open({ endedTasks: 2 });
  for (const id of ["a", "b", "c"]) await driver.settle(await driver.running(id), { kind: "finish" });
  await driver.enqueue("waiting");
  await driver.enqueueAll(["x", "y", "z"], { topic: "emails" });
  expect(await states(driver, ["a", "b", "c"])).toEqual([undefined, "finished", "finished"]);
  await driver.all(["x", "y", "z"].map((id) => ({ kind: "abort", id })));
  expect(await states(driver, ["x", "y", "z"])).toEqual(["aborted", "aborted", "aborted"]);
  await driver.claim(0);
  expect(await states(driver, ["x", "y", "z", "waiting"])).toEqual([undefined, "aborted", "aborted", "ready"]);
});

test("removes the ended tasks that ended first where they take too much, dead letters last", async () => {
  const driver = await open({ endedBytes: 350_000 });
  await driver.buried("dead", { args: LARGE });
  for (const id of ["a", "b"]) await driver.settle(await driver.running(id, { args: LARGE }), { kind: "finish" });
  await driver.claim(0);
  expect(await states(driver, ["dead", "a", "b"])).toEqual(["in_dead_letter_queue", "finished", "finished"]);
  await driver.settle(await driver.running("c"), { kind: "finish", result: LARGE });
  await driver.claim(0);
  expect(await states(driver, ["dead", "a", "b", "c"])).toEqual([
    "in_dead_letter_queue",
    undefined,
    "finished",
    "finished",
  ]);
  for (const id of ["d", "e", "f", "g"]) await driver.buried(id, { args: LARGE });
  await driver.claim(0);
  expect(await states(driver, ["dead", "d", "e", "f", "g"])).toEqual([
    undefined,
    undefined,
    "in_dead_letter_queue",
    "in_dead_letter_queue",
    "in_dead_letter_queue",
  ]);
});

test("refuses what finds no room, several at once as one, and takes it once there is room again", async () => {
  const driver = await open({ liveBytes: EMPTY_BYTES + 250_000 });
  await driver.enqueueAll(["a", "b"], { args: LARGE });
  const full = { kind: "full", memory: { usedBytes: expect.any(Number) as number, limitBytes: EMPTY_BYTES + 250_000 } };
  expect(await driver.enqueue("c", { args: LARGE })).toMatchObject(full);
  expect(await driver.enqueue("a", { args: LARGE })).toEqual({ kind: "stored" });
  const tasks = [enqueueing("d"), enqueueing("e", { args: LARGE })];
  expect(await driver.do({ kind: "enqueueMany", tasks })).toMatchObject({ ...full, index: 1 });
  expect(await states(driver, ["c", "d", "e"])).toEqual([undefined, undefined, undefined]);
  await driver.do({ kind: "abort", id: "a" });
  expect(await driver.do({ kind: "enqueueMany", tasks })).toMatchObject({ kind: "stored" });
  const start = { worker: "w1", maxRestarts: 0 };
  const claim = { kind: "claim", topic: "other", worker: "w1", limit: 1, functions: new Map() } as const;
  expect((await driver.all([claim, enqueueing("f", { topic: "other", args: LARGE, start })]))[1]).toMatchObject(full);
});

test("counts idempotency keys, until their day is over", async () => {
  const driver = await open({ liveBytes: EMPTY_BYTES + 50_000 });
  const large = JSON.stringify(["x".repeat(20_000)]);
  for (let number = 0; number < 200; number += 1) {
    const idempotency = { key: `key ${number} ${"k".repeat(190)}`, contentHash: "this" };
    await driver.enqueue(`task ${number}`, { idempotency });
    await driver.do({ kind: "abort", id: `task ${number}` });
  }
  expect(await driver.enqueue("a", { args: large })).toMatchObject({ kind: "full" });
  driver.now += 86_400_000;
  await driver.do({ kind: "pruneKeys", limit: 1_000 });
  expect(await driver.enqueue("a", { args: large })).toEqual({ kind: "stored" });
});

test("shortens what it keeps of failures once memory is short", async () => {
  const driver = await open({ liveBytes: EMPTY_BYTES + 100_000 });
  await driver.enqueue("a", { options: { maxRestarts: 1_000 } });
  const failure = { ...FAILURE, message: "m".repeat(8_000), stack: "s".repeat(8_000) };
  for (let epoch = 1; epoch <= 50; epoch += 1) {
    await driver.claim(1);
    await driver.settle({ id: "a", epoch }, { kind: "restart", failure, delayMs: 0 });
  }
  const { failures, failureCount } = await driver.task("a");
  expect(failureCount).toBe(50);
  expect(failures[0]).toMatchObject(failure);
  expect(failures.at(-1)).toEqual({ code: "TASK_FAILED", message: "m".repeat(256), attempt: 50, at: driver.now });
});

test("takes back what several tasks were counted with that are refused as one", async () => {
  const driver = await open({ liveBytes: EMPTY_BYTES + 350_000 });
  const tasks = ["a", "b", "c"].map((id) => enqueueing(id, { args: LARGE, maxQueueLen: 2 }));
  const results = await driver.all([{ kind: "enqueueMany", tasks }, enqueueing("d", { args: LARGE })]);
  expect(results).toEqual([{ kind: "full", index: 2 }, { kind: "stored" }]);
});
