import { expect, test } from "vitest";
import { claiming, type Driver, enqueueing, FAILURE } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const full = { kind: "full" };
const stored = { kind: "stored" };
const start = { worker: "w1", maxRestarts: 0 };

function promote(driver: Driver, limit = 10) {
  return driver.do({ kind: "promote", limit });
}

export function delaying(suite: SuiteOptions): void {
  test(
    "keeps a task outside its line until its time, then puts it at the end",
    withStorage(suite, async (driver) => {
      const runAt = driver.now + 50;
      await driver.all([claiming(3), enqueueing("later", { runAt, start }), enqueueing("a")]);
      expect(await driver.task("later")).toMatchObject({ state: "waiting", runAt, attempt: 0, startedAt: undefined });
      expect(await driver.storage.nextDueAt()).toBe(runAt);
      expect(await driver.claimIds(5)).toEqual(["a"]);
      driver.now = runAt - 1;
      expect(await promote(driver)).toEqual({ topics: [], more: false });
      await driver.enqueue("b");
      driver.now = runAt;
      expect(await promote(driver)).toEqual({ topics: ["default"], more: false });
      await driver.enqueue("c");
      expect(await driver.claimIds(5)).toEqual(["b", "later", "c"]);
      expect(await driver.task("later")).toMatchObject({ state: "running", runAt, attempt: 1, startedAt: runAt });
    }),
  );

  test(
    "takes a time in the past as now",
    withStorage(suite, async (driver) => {
      const results = await driver.all([
        claiming(1),
        enqueueing("now", { runAt: driver.now, start }),
        enqueueing("past", { runAt: driver.now - 1 }),
      ]);
      expect(results.slice(1)).toMatchObject([{ kind: "claimed" }, stored]);
      expect(await driver.claimIds(5)).toEqual(["past"]);
    }),
  );

  test(
    "counts a task for the capacity from its time on, and never refuses it",
    withStorage(suite, async (driver) => {
      const runAt = driver.now + 5;
      for (const id of ["x", "y", "z"]) expect(await driver.enqueue(id, { runAt, maxQueueLen: 1 })).toEqual(stored);
      expect(await driver.enqueue("a", { maxQueueLen: 1 })).toEqual(stored);
      expect(await driver.enqueue("b", { maxQueueLen: 1 })).toEqual(full);
      driver.now = runAt;
      await promote(driver);
      expect(await driver.enqueue("c", { maxQueueLen: 4 })).toEqual(full);
      await driver.claim(2);
      expect(await driver.enqueue("c", { maxQueueLen: 3 })).toEqual(stored);
    }),
  );

  test(
    "aborts a task whose time has not come",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { runAt: driver.now + 5 });
      expect(await driver.do({ kind: "abort", id: "a" })).toEqual({ kind: "aborted" });
      driver.now += 10;
      expect(await promote(driver)).toEqual({ topics: [], more: false });
      expect(await driver.storage.nextDueAt()).toBeUndefined();
      expect(await driver.storage.state("a")).toBe("aborted");
    }),
  );

  test(
    "ends what has not started when it expires, in its line or before its time",
    withStorage(suite, async (driver) => {
      const expiresAt = driver.now + 10;
      await driver.enqueue("ready", { expiresAt, topic: "unserved" });
      await driver.enqueue("waiting", { expiresAt: expiresAt + 1, runAt: driver.now + 100 });
      await driver.enqueue("kept");
      expect(await driver.storage.nextDueAt()).toBe(expiresAt);
      driver.now = expiresAt - 1;
      await promote(driver);
      expect(await driver.storage.state("ready")).toBe("ready");
      driver.now = expiresAt + 1;
      expect(await promote(driver, 1)).toEqual({ topics: [], more: true });
      expect(await promote(driver, 1)).toEqual({ topics: [], more: false });
      for (const id of ["ready", "waiting"]) {
        expect(await driver.task(id)).toMatchObject({
          state: "aborted",
          endedAt: driver.now,
          attempt: 0,
          failures: [{ code: "TASK_EXPIRED", attempt: 0, at: driver.now }],
          failureCount: 1,
        });
      }
      expect(await driver.storage.nextDueAt()).toBeUndefined();
      expect(await driver.claimIds(5)).toEqual(["kept"]);
    }),
  );

  test(
    "never starts what has expired, and takes the next in its place",
    withStorage(suite, async (driver) => {
      const expiresAt = driver.now + 10;
      await driver.enqueueAll(["a", "b"], { expiresAt });
      await driver.enqueueAll(["c", "d"]);
      driver.now = expiresAt;
      expect(await driver.claimIds(1)).toEqual(["c"]);
      expect(await driver.task("a")).toMatchObject({ state: "aborted", failures: [{ code: "TASK_EXPIRED" }] });
      expect(await driver.enqueue("e", { maxQueueLen: 1 })).toEqual(full);
    }),
  );

  test(
    "does not end what has started once, whatever became of it",
    withStorage(suite, async (driver) => {
      const expiresAt = driver.now + 10;
      for (const id of ["back", "again", "later", "dead"]) await driver.running(id, { expiresAt });
      await driver.settle({ id: "back", epoch: 1 }, { kind: "giveBack" });
      await driver.settle({ id: "again", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 0 });
      await driver.settle({ id: "later", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 50 });
      await driver.settle({ id: "dead", epoch: 1 }, { kind: "bury", failure: FAILURE });
      await driver.do({ kind: "requeue", id: "dead" });
      driver.now += 60;
      await promote(driver);
      expect((await driver.claimIds(5)).toSorted()).toEqual(["again", "back", "dead", "later"]);
    }),
  );
}
