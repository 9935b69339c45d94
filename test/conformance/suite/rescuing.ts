import { expect, test } from "vitest";
import { workerRecord } from "../driver.ts";
import type { RescueOperation } from "../../../src/storage/port.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const DIED = { code: "WORKER_DIED", message: "the worker is gone" } as const;

function rescuingOf(worker: string, changes: Partial<RescueOperation> = {}): RescueOperation {
  return { kind: "rescue", worker, heartbeat: 0, failure: DIED, limit: 100, ...changes };
}

export function rescuing(suite: SuiteOptions): void {
  test(
    "raises a heartbeat, and tells where the row is gone",
    withStorage(suite, async (driver) => {
      expect(await driver.do({ kind: "heartbeat", worker: "w1" })).toBe(true);
      expect(await driver.storage.workers()).toEqual([{ ...workerRecord("w1"), heartbeat: 1, isCondemned: false }]);
      expect(await driver.do({ kind: "heartbeat", worker: "none" })).toBe(false);
      await driver.do({ kind: "removeWorker", worker: "w1" });
      expect(await driver.do({ kind: "heartbeat", worker: "w1" })).toBe(false);
      expect(await driver.storage.workers()).toEqual([]);
    }),
  );

  test(
    "puts what a dead worker ran at the end of the line, in its old order",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c", "d"]);
      await driver.claim(3);
      await driver.settle({ id: "b", epoch: 1 }, { kind: "giveBack" });
      await driver.claim(1);
      expect(await driver.do(rescuingOf("w1"))).toEqual({ rescued: 3, done: true });
      expect(await driver.storage.workers()).toEqual([]);
      expect((await driver.task("a")).failures).toEqual([{ ...DIED, attempt: 1, at: driver.now }]);
      expect(await driver.task("a")).toMatchObject({ state: "ready", attempt: 1, epoch: 1 });
      await driver.do({ kind: "registerWorker", worker: workerRecord("w2") });
      expect(await driver.claim(9, { worker: "w2" })).toMatchObject([
        { id: "d", attempt: 1 },
        { id: "a", attempt: 2, epoch: 2 },
        { id: "b", attempt: 2, epoch: 3 },
        { id: "c", attempt: 2, epoch: 2 },
      ]);
      expect(await driver.settle({ id: "a", epoch: 1 }, { kind: "finish" })).toEqual({ kind: "stale" });
    }),
  );

  test(
    "does nothing where the heartbeat has moved on",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      await driver.do({ kind: "heartbeat", worker: "w1" });
      expect(await driver.do(rescuingOf("w1"))).toEqual({ rescued: 0, done: false });
      expect(await driver.storage.state("a")).toBe("running");
      expect(await driver.do(rescuingOf("w1", { heartbeat: 1 }))).toEqual({ rescued: 1, done: true });
      expect(await driver.do(rescuingOf("w1", { heartbeat: 1 }))).toEqual({ rescued: 0, done: true });
    }),
  );

  test(
    "buries a task without a restart left, and aborts where that was asked for",
    withStorage(suite, async (driver) => {
      await driver.running("last", { options: { maxRestarts: 0 } });
      await driver.running("aborted");
      await driver.do({ kind: "abort", id: "aborted" });
      driver.now += 3;
      expect(await driver.do(rescuingOf("w1"))).toEqual({ rescued: 2, done: true });
      expect(await driver.task("last")).toMatchObject({ state: "in_dead_letter_queue", endedAt: driver.now });
      expect((await driver.task("last")).failures).toHaveLength(1);
      expect(await driver.task("aborted")).toMatchObject({ state: "aborted", endedAt: driver.now, failures: [] });
      expect((await driver.storage.deadLetters({ limit: 5 })).map(({ id }) => id)).toEqual(["last"]);
    }),
  );

  test(
    "counts attempts across deaths, up to the dead-letter queue",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a");
      for (const [attempt, worker] of ["k1", "k2", "k3"].entries()) {
        await driver.do({ kind: "registerWorker", worker: workerRecord(worker) });
        expect(await driver.claim(1, { worker })).toMatchObject([{ attempt: attempt + 1 }]);
        await driver.do(rescuingOf(worker));
      }
      expect(await driver.task("a")).toMatchObject({ state: "in_dead_letter_queue", attempt: 3 });
      expect((await driver.task("a")).failures.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    }),
  );

  test(
    "works in batches, and removes the row with the last",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c"]);
      await driver.claim(3);
      expect(await driver.do(rescuingOf("w1", { limit: 2 }))).toEqual({ rescued: 2, done: false });
      expect(await driver.storage.workers()).toHaveLength(1);
      expect(await driver.storage.state("c")).toBe("running");
      expect(await driver.do(rescuingOf("w1", { limit: 2 }))).toEqual({ rescued: 1, done: true });
      expect(await driver.storage.workers()).toEqual([]);
    }),
  );

  test(
    "condemns the worker with the first batch: it neither beats nor claims, but ends what it still has",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c", "d"]);
      await driver.claim(3);
      await driver.do(rescuingOf("w1", { limit: 1 }));
      expect(await driver.storage.workers()).toEqual([{ ...workerRecord("w1"), isCondemned: true }]);
      expect(await driver.do({ kind: "heartbeat", worker: "w1" })).toBe(false);
      await expect(driver.claim(1)).rejects.toMatchObject({ code: "LEASE_LOST" });
      expect(await driver.settle({ id: "a", epoch: 1 }, { kind: "finish" })).toEqual({ kind: "stale" });
      expect(await driver.settle({ id: "b", epoch: 1 }, { kind: "finish" })).toMatchObject({ state: "finished" });
    }),
  );

  test(
    "goes on with a condemned worker, whatever its heartbeat",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c"]);
      await driver.claim(3);
      await driver.do(rescuingOf("w1", { limit: 1 }));
      expect(await driver.do(rescuingOf("w1", { heartbeat: 7, limit: 1 }))).toEqual({ rescued: 1, done: false });
      expect(await driver.do(rescuingOf("w1", { heartbeat: 7, limit: 1 }))).toEqual({ rescued: 1, done: true });
      expect(await driver.storage.workers()).toEqual([]);
      await driver.do({ kind: "registerWorker", worker: workerRecord("w1") });
      expect(await driver.do({ kind: "heartbeat", worker: "w1" })).toBe(true);
    }),
  );

  test(
    "condemns nobody where the heartbeat has moved on",
    withStorage(suite, async (driver) => {
      await driver.do({ kind: "heartbeat", worker: "w1" });
      await driver.do(rescuingOf("w1"));
      expect(await driver.storage.workers()).toMatchObject([{ isCondemned: false }]);
    }),
  );

  test(
    "leaves the tasks of other workers alone",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      await driver.do({ kind: "registerWorker", worker: workerRecord("w2") });
      expect(await driver.do(rescuingOf("w2"))).toEqual({ rescued: 0, done: true });
      expect(await driver.storage.state("a")).toBe("running");
      expect((await driver.storage.workers()).map(({ id }) => id)).toEqual(["w1"]);
    }),
  );
}
