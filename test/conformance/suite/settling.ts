import { expect, test } from "vitest";
import type { Operation, Settlement } from "../../../src/storage/port.ts";
import { claiming, FAILURE, workerRecord } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

export function settling(suite: SuiteOptions): void {
  test(
    "finishes with a result, or without",
    withStorage(suite, async (driver) => {
      const a = await driver.running("a");
      driver.now += 7;
      expect(await driver.settle(a, { kind: "finish", result: '{"x":1}' })).toEqual({
        kind: "settled",
        state: "finished",
      });
      expect(await driver.task("a")).toMatchObject({ state: "finished", result: '{"x":1}', endedAt: driver.now });
      await driver.settle(await driver.running("b"), { kind: "finish" });
      expect((await driver.task("b")).result).toBeUndefined();
    }),
  );

  test(
    "waits before a restart, and keeps the failure",
    withStorage(suite, async (driver) => {
      const a = await driver.running("a");
      const settled = await driver.settle(a, { kind: "restart", failure: FAILURE, delayMs: 1_234.2 });
      expect(settled).toEqual({ kind: "settled", state: "waiting" });
      expect(await driver.storage.nextDueAt()).toBe(driver.now + 1_235);
      expect(await driver.task("a")).toMatchObject({ attempt: 1, endedAt: undefined });
      expect((await driver.task("a")).failures).toEqual([{ ...FAILURE, attempt: 1, at: driver.now }]);
      expect(await driver.claim(1)).toEqual([]);
    }),
  );

  test(
    "restarts at once where there is no wait, in the same turn",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      const failed = {
        kind: "settle",
        id: "a",
        epoch: 1,
        outcome: { kind: "restart", failure: FAILURE, delayMs: 0 },
      } as const;
      await driver.all([failed]);
      expect(await driver.claim(1)).toMatchObject([{ id: "a", attempt: 2, epoch: 2 }]);
    }),
  );

  test(
    "buries with every failure, oldest first",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      await driver.settle({ id: "a", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 0 });
      await driver.claim(1);
      driver.now += 10;
      const last = { code: "TASK_TIMEOUT", message: "too slow" } as const;
      const settled = await driver.settle({ id: "a", epoch: 2 }, { kind: "bury", failure: last });
      expect(settled).toEqual({ kind: "settled", state: "in_dead_letter_queue" });
      const { failures, endedAt } = await driver.task("a");
      expect(endedAt).toBe(driver.now);
      expect(failures).toEqual([
        { ...FAILURE, attempt: 1, at: driver.now - 10 },
        { ...last, attempt: 2, at: driver.now },
      ]);
    }),
  );

  test(
    "of many failures keeps the first 10 and the last 90, and how many there were",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { options: { maxRestarts: 1_000 } });
      const failOnce = (epoch: number): Operation[] => [
        claiming(1),
        {
          kind: "settle",
          id: "a",
          epoch,
          outcome: { kind: "restart", failure: { code: "TASK_FAILED", message: `no. ${epoch}` }, delayMs: 0 },
        },
      ];
      const kept = async (): Promise<string[]> => (await driver.task("a")).failures.map(({ message }) => message);
      const numbers = (first: number, last: number): string[] =>
        Array.from({ length: last - first + 1 }, (_, index) => `no. ${first + index}`);
      for (let epoch = 1; epoch <= 100; epoch++) await driver.all(failOnce(epoch));
      expect(await kept()).toEqual(numbers(1, 100));
      await driver.all(Array.from({ length: 150 }, (_, index) => failOnce(101 + index)).flat());
      expect(await kept()).toEqual([...numbers(1, 10), ...numbers(161, 250)]);
      expect(await driver.task("a")).toMatchObject({ attempt: 250, failureCount: 250 });
      await driver.claim(1);
      await driver.settle({ id: "a", epoch: 251 }, { kind: "bury", failure: FAILURE });
      await driver.do({ kind: "requeue", id: "a" });
      await driver.claim(1);
      const rescue = { kind: "rescue", worker: "w1", heartbeat: 0, limit: 1, failure: FAILURE } as const;
      await driver.do({ ...rescue, failure: { code: "WORKER_DIED", message: "gone" } });
      expect(await kept()).toEqual([...numbers(1, 10), ...numbers(163, 250), FAILURE.message, "gone"]);
      expect((await driver.task("a")).failureCount).toBe(252);
    }),
  );

  test(
    "does not count an attempt that is given back",
    withStorage(suite, async (driver) => {
      const a = await driver.running("a");
      expect(await driver.settle(a, { kind: "giveBack" })).toEqual({ kind: "settled", state: "ready" });
      expect(await driver.task("a")).toMatchObject({ attempt: 0, epoch: 1, startedAt: undefined, failures: [] });
      expect(await driver.claim(1)).toMatchObject([{ attempt: 1, epoch: 2 }]);
    }),
  );

  test(
    "records the latest progress",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      expect(await driver.do({ kind: "progress", id: "a", epoch: 1, progress: "0.25" })).toBe(true);
      expect(await driver.do({ kind: "progress", id: "a", epoch: 1, progress: "0.5" })).toBe(true);
      expect((await driver.task("a")).progress).toBe("0.5");
    }),
  );

  test(
    "keeps the last progress of a task that ends, and none for the next attempt",
    withStorage(suite, async (driver) => {
      const progressAfter = async (id: string, end: Settlement | "rescue" | "requeue"): Promise<unknown> => {
        const { epoch } = await driver.running(id);
        await driver.do({ kind: "progress", id, epoch, progress: "0.5" });
        if (end === "rescue") {
          await driver.do({ kind: "rescue", worker: "w1", heartbeat: 0, limit: 1, failure: FAILURE });
          await driver.do({ kind: "registerWorker", worker: workerRecord("w1") });
        } else {
          await driver.settle({ id, epoch }, end === "requeue" ? { kind: "bury", failure: FAILURE } : end);
        }
        if (end === "requeue") await driver.do({ kind: "requeue", id });
        const { progress } = await driver.task(id);
        await driver.do({ kind: "abort", id });
        return progress;
      };
      expect(await progressAfter("restarted", { kind: "restart", failure: FAILURE, delayMs: 0 })).toBeUndefined();
      expect(await progressAfter("waiting", { kind: "restart", failure: FAILURE, delayMs: 10 })).toBeUndefined();
      expect(await progressAfter("given back", { kind: "giveBack" })).toBeUndefined();
      expect(await progressAfter("rescued", "rescue")).toBeUndefined();
      expect(await progressAfter("requeued", "requeue")).toBeUndefined();
      expect(await progressAfter("finished", { kind: "finish" })).toBe("0.5");
      expect(await progressAfter("aborted", { kind: "abort" })).toBe("0.5");
      expect(await progressAfter("dead", { kind: "bury", failure: FAILURE })).toBe("0.5");
    }),
  );

  test(
    "applies operations on one task in their order",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a");
      const results = await driver.all([
        { kind: "claim", topic: "default", worker: "w1", limit: 1, functions: new Map([["work", { maxRestarts: 0 }]]) },
        { kind: "progress", id: "a", epoch: 1, progress: "1" },
        { kind: "settle", id: "a", epoch: 1, outcome: { kind: "finish" } },
        { kind: "progress", id: "a", epoch: 1, progress: "0" },
        { kind: "abort", id: "a" },
      ]);
      expect(results.slice(1)).toEqual([
        true,
        { kind: "settled", state: "finished" },
        false,
        { kind: "ended", state: "finished" },
      ]);
      expect((await driver.task("a")).progress).toBe("1");
    }),
  );
}
