import { expect, test } from "vitest";
import type { Operation } from "../../../src/storage/port.ts";
import { claiming, enqueueing, FAILURE } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const full = { kind: "full" };
const stored = { kind: "stored" };
const maxQueueLen = 2;

export function capacity(suite: SuiteOptions): void {
  test(
    "refuses one more than fit, by topic and priority",
    withStorage(suite, async (driver) => {
      const results = await driver.all([
        enqueueing("a", { maxQueueLen }),
        enqueueing("b", { maxQueueLen }),
        enqueueing("c", { maxQueueLen }),
        enqueueing("d", { maxQueueLen, priority: 9 }),
        enqueueing("e", { maxQueueLen, topic: "emails" }),
      ]);
      expect(results).toEqual([stored, stored, full, stored, stored]);
      expect(await driver.storage.get("c")).toBeUndefined();
      expect(await driver.enqueue("c", { maxQueueLen })).toEqual(full);
      await driver.claim(1, { functions: new Map([["work", { maxRestarts: 0 }]]) });
      expect(await driver.enqueue("x", { maxQueueLen: 0 })).toEqual(full);
    }),
  );

  test(
    "takes slots and queue together of equal tasks in one turn",
    withStorage(suite, async (driver) => {
      const start = { worker: "w1", maxRestarts: 0 };
      const results = await driver.all([
        claiming(3),
        ...Array.from({ length: 6 }, (_, index) => enqueueing(`t${index}`, { start, maxQueueLen })),
      ]);
      expect(results.slice(1)).toMatchObject([
        { kind: "claimed" },
        { kind: "claimed" },
        { kind: "claimed" },
        stored,
        stored,
        full,
      ]);
    }),
  );

  test(
    "stores many or none of them, slots and queue counted as for one by one",
    withStorage(suite, async (driver) => {
      const start = { worker: "w1", maxRestarts: 3 };
      const many = (count: number, of: string): Operation => ({
        kind: "enqueueMany",
        tasks: Array.from({ length: count }, (_, index) => enqueueing(`${of}${index}`, { start, maxQueueLen })),
      });
      expect((await driver.all([claiming(3), many(6, "a")]))[1]).toEqual({ kind: "full", index: 5 });
      expect(await driver.storage.get("a0")).toBeUndefined();
      const [, stored5] = await driver.all([claiming(3), many(5, "b")]);
      expect(stored5).toMatchObject({
        kind: "stored",
        claimed: [{ id: "b0", epoch: 1, attempt: 1, maxRestarts: 3 }, { id: "b1" }, { id: "b2" }],
      });
      expect(await driver.do(many(5, "b"))).toEqual({ kind: "stored", claimed: [], repeated: [] });
      expect(await driver.do(many(1, "c"))).toEqual({ kind: "full", index: 0 });
      const other: Operation = {
        kind: "enqueueMany",
        tasks: [enqueueing("d0", { maxQueueLen, priority: 9 }), enqueueing("d1", { maxQueueLen })],
      };
      expect(await driver.do(other)).toEqual({ kind: "full", index: 1 });
      expect(await driver.do({ kind: "enqueueMany", tasks: [] })).toEqual({
        kind: "stored",
        claimed: [],
        repeated: [],
      });
      expect((await driver.claimIds(10)).toSorted()).toEqual(["b3", "b4"]);
    }),
  );

  test(
    "frees a place by claim and by abort",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b"]);
      await driver.claim(1);
      expect(await driver.enqueue("c", { maxQueueLen })).toEqual(stored);
      expect(await driver.enqueue("d", { maxQueueLen })).toEqual(full);
      await driver.do({ kind: "abort", id: "b" });
      expect(await driver.enqueue("d", { maxQueueLen })).toEqual(stored);
    }),
  );

  test(
    "counts a given back first attempt, but no later one",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      await driver.settle({ id: "a", epoch: 1 }, { kind: "giveBack" });
      expect(await driver.enqueue("b", { maxQueueLen: 1 })).toEqual(full);
      await driver.claim(1);
      await driver.settle({ id: "a", epoch: 2 }, { kind: "restart", failure: FAILURE, delayMs: 0 });
      await driver.claim(1);
      await driver.settle({ id: "a", epoch: 3 }, { kind: "giveBack" });
      expect(await driver.task("a")).toMatchObject({ state: "ready", attempt: 1 });
      expect(await driver.enqueue("b", { maxQueueLen: 1 })).toEqual(stored);
    }),
  );

  test(
    "counts no task that was restarted, promoted, rescued or requeued",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c", "d"]);
      await driver.claim(4);
      await driver.settle({ id: "a", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 0 });
      await driver.settle({ id: "b", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 5 });
      await driver.settle({ id: "c", epoch: 1 }, { kind: "bury", failure: FAILURE });
      driver.now += 5;
      await driver.do({ kind: "promote", limit: 10 });
      await driver.do({ kind: "requeue", id: "c" });
      await driver.do({ kind: "rescue", worker: "w1", heartbeat: 0, failure: FAILURE, limit: 10 });
      for (const id of ["a", "b", "c", "d"]) expect(await driver.storage.state(id)).toBe("ready");
      expect(await driver.enqueue("e", { maxQueueLen: 1 })).toEqual(stored);
      expect(await driver.enqueue("f", { maxQueueLen: 1 })).toEqual(full);
    }),
  );

  test(
    "does not count a requeued task whose first attempt is given back",
    withStorage(suite, async (driver) => {
      await driver.buried("a");
      await driver.do({ kind: "requeue", id: "a" });
      const [claimed] = await driver.claim(1);
      await driver.settle({ id: "a", epoch: claimed?.epoch ?? 0 }, { kind: "giveBack" });
      expect(await driver.enqueue("b", { maxQueueLen: 1 })).toEqual(stored);
      await driver.claim(2);
      expect(await driver.enqueue("c", { maxQueueLen: 1 })).toEqual(stored);
      expect(await driver.enqueue("d", { maxQueueLen: 1 })).toEqual(full);
    }),
  );
}
