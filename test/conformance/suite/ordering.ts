import { expect, test } from "vitest";
import { claiming, enqueueing, FAILURE } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

export function ordering(suite: SuiteOptions): void {
  test(
    "claims by priority, then first in first out",
    withStorage(suite, async (driver) => {
      const priorities = [10, 5, 10, 1, 5, 10];
      await driver.all(priorities.map((priority, index) => enqueueing(`t${index}`, { priority })));
      expect(await driver.claimIds(4)).toEqual(["t3", "t1", "t4", "t0"]);
      expect(await driver.claimIds(4)).toEqual(["t2", "t5"]);
    }),
  );

  test(
    "orders by sequence, also where the clock goes back",
    withStorage(suite, async (driver) => {
      await driver.enqueue("early");
      driver.now -= 60_000;
      await driver.enqueue("late");
      expect(await driver.claimIds(2)).toEqual(["early", "late"]);
    }),
  );

  test(
    "keeps the lines of topics apart",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { topic: "emails" });
      await driver.enqueue("b");
      expect(await driver.claimIds(5)).toEqual(["b"]);
      expect(await driver.claimIds(5, { topic: "emails" })).toEqual(["a"]);
      expect(await driver.claimIds(5, { topic: "none" })).toEqual([]);
    }),
  );

  test(
    "skips functions that the worker does not know",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["x1", "x2", "x3"], { function: "unknown" });
      await driver.enqueue("a");
      await driver.enqueue("x4", { function: "unknown", priority: 1 });
      await driver.enqueue("b", { priority: 2 });
      expect(await driver.claimIds(5)).toEqual(["b", "a"]);
      const functions = new Map([["unknown", { maxRestarts: 0 }]]);
      expect(await driver.claimIds(5, { functions })).toEqual(["x4", "x1", "x2", "x3"]);
    }),
  );

  test(
    "finds known functions behind thousands of unknown ones, in line order",
    withStorage(suite, async (driver) => {
      const unknown = Array.from({ length: 1_500 }, (_, index) => enqueueing(`u${index}`, { function: "unknown" }));
      await driver.all([enqueueing("first", { priority: 9 }), ...unknown]);
      await driver.enqueue("a1", { function: "a" });
      await driver.enqueue("b1", { function: "b" });
      await driver.enqueue("a2", { function: "a" });
      await driver.enqueue("late", { function: "b", priority: 10 });
      await driver.enqueue("never", { function: "c" });
      const functions = new Map(["a", "b", "work", "absent"].map((name) => [name, { maxRestarts: 1 }]));
      expect(await driver.claimIds(4, { functions })).toEqual(["first", "a1", "b1", "a2"]);
      // What is enqueued and settled within the same turn stands in the line, too.
      const settleFirst = { kind: "settle", id: "a1", epoch: 1, outcome: { kind: "giveBack" } } as const;
      const claimed = await driver.all([settleFirst, enqueueing("b3", { function: "b" }), claiming(9, { functions })]);
      expect(claimed[2]).toMatchObject([{ id: "a1" }, { id: "late" }, { id: "b3" }]);
    }),
  );

  test(
    "puts a given back task in its old place",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c"]);
      await driver.claim(2);
      await driver.settle({ id: "b", epoch: 1 }, { kind: "giveBack" });
      await driver.settle({ id: "a", epoch: 1 }, { kind: "giveBack" });
      expect(await driver.claimIds(5)).toEqual(["a", "b", "c"]);
      await driver.settle({ id: "b", epoch: 2 }, { kind: "giveBack" });
      expect(await driver.claimIds(5)).toEqual(["b"]);
    }),
  );

  test(
    "puts a restarted task at the end of its line",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b"]);
      await driver.claim(1);
      await driver.settle({ id: "a", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 0 });
      await driver.enqueue("c");
      expect(await driver.claimIds(5)).toEqual(["b", "a", "c"]);
    }),
  );

  test(
    "claims nothing where the limit is 0",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a");
      expect(await driver.claim(0)).toEqual([]);
    }),
  );

  test(
    "lets a worker without a row claim nothing, since nobody would rescue it",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a");
      const { outcomes } = await driver.storage.turn([claiming(1, { worker: "gone" })], { now: driver.now });
      const [outcome] = outcomes;
      expect(outcome).toMatchObject({ ok: false, error: { code: "LEASE_LOST" } });
      expect(await driver.storage.state("a")).toBe("ready");
    }),
  );
}
