import { expect, test } from "vitest";
import type { DeadLetterQuery } from "../../../src/storage/port.ts";
import { FAILURE, TOPIC, type Driver } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

async function listed(driver: Driver, query: DeadLetterQuery): Promise<string[]> {
  return (await driver.storage.deadLetters(query)).map(({ id }) => id);
}

export function deadLetters(suite: SuiteOptions): void {
  test(
    "lists what entered before a time",
    withStorage(suite, async (driver) => {
      for (const id of ["a", "b", "c"]) {
        driver.now += 1;
        const topic = id === "b" ? "other" : TOPIC;
        await driver.enqueue(id, { topic });
        await driver.claim(1, { topic });
        await driver.settle({ id, epoch: 1 }, { kind: "bury", failure: FAILURE });
      }
      expect(await listed(driver, { limit: 9, endedBefore: driver.now })).toEqual(["b", "a"]);
      expect(await listed(driver, { limit: 9, endedBefore: driver.now + 1 })).toEqual(["c", "b", "a"]);
      expect(await listed(driver, { limit: 9, endedBefore: driver.now, topic: TOPIC })).toEqual(["a"]);
      expect(await listed(driver, { limit: 9, endedBefore: driver.now, after: "b" })).toEqual(["a"]);
    }),
  );

  test(
    "lists by the moment of entry, newest first, page by page",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b", "c", "d", "e"]);
      await driver.claim(5);
      for (const id of ["c", "a", "e", "b", "d"])
        await driver.settle({ id, epoch: 1 }, { kind: "bury", failure: FAILURE });
      expect(await listed(driver, { limit: 100 })).toEqual(["d", "b", "e", "a", "c"]);
      expect(await listed(driver, { limit: 2 })).toEqual(["d", "b"]);
      expect(await listed(driver, { limit: 2, after: "b" })).toEqual(["e", "a"]);
      expect(await listed(driver, { limit: 2, after: "a" })).toEqual(["c"]);
      expect(await listed(driver, { limit: 2, after: "c" })).toEqual([]);
      expect(await listed(driver, { limit: 2, after: "none" })).toEqual([]);
      await driver.do({ kind: "discard", id: "b" });
      expect(await listed(driver, { limit: 2, after: "b" })).toEqual([]);
      expect(await driver.storage.deadLetters({ limit: 1 })).toEqual([{ id: "d", endedAt: driver.now }]);
    }),
  );

  test(
    "lists those of one topic",
    withStorage(suite, async (driver) => {
      await driver.buried("a");
      await driver.enqueue("b", { topic: "emails" });
      await driver.claim(1, { topic: "emails" });
      await driver.settle({ id: "b", epoch: 1 }, { kind: "bury", failure: FAILURE });
      await driver.buried("c");
      expect(await listed(driver, { topic: "default", limit: 5 })).toEqual(["c", "a"]);
      expect(await listed(driver, { topic: "default", limit: 5, after: "b" })).toEqual(["a"]);
      expect(await listed(driver, { topic: "emails", limit: 5 })).toEqual(["b"]);
      expect(await listed(driver, { topic: "none", limit: 5 })).toEqual([]);
    }),
  );

  test(
    "requeues at the end of the line, restarts counted anew, failures kept",
    withStorage(suite, async (driver) => {
      await driver.buried("a");
      await driver.enqueue("b");
      expect(await driver.do({ kind: "requeue", id: "a" })).toEqual({ topic: "default" });
      expect(await driver.do({ kind: "requeue", id: "a" })).toBeUndefined();
      expect(await driver.task("a")).toMatchObject({
        state: "ready",
        attempt: 0,
        epoch: 1,
        startedAt: undefined,
        endedAt: undefined,
      });
      expect((await driver.task("a")).failures).toHaveLength(1);
      expect(await listed(driver, { limit: 5 })).toEqual([]);
      expect(await driver.claim(5)).toMatchObject([{ id: "b" }, { id: "a", attempt: 1, epoch: 2 }]);
      await driver.settle({ id: "a", epoch: 2 }, { kind: "bury", failure: FAILURE });
      expect((await driver.task("a")).failures.map(({ attempt }) => attempt)).toEqual([1, 1]);
      expect(await listed(driver, { limit: 5 })).toEqual(["a"]);
    }),
  );

  test(
    "discards for good",
    withStorage(suite, async (driver) => {
      await driver.buried("a", { args: JSON.stringify(["x".repeat(10_000)]) });
      expect(await driver.do({ kind: "discard", id: "a" })).toBe(true);
      expect(await driver.do({ kind: "discard", id: "a" })).toBe(false);
      expect(await driver.storage.get("a")).toBeUndefined();
      expect(await listed(driver, { limit: 5 })).toEqual([]);
      await driver.enqueue("a");
      expect(await driver.task("a")).toMatchObject({ args: "[]", failures: [] });
    }),
  );

  test(
    "requeues and discards nothing that is not in it",
    withStorage(suite, async (driver) => {
      await driver.enqueue("ready");
      for (const id of ["ready", "none"]) {
        expect(await driver.do({ kind: "requeue", id })).toBeUndefined();
        expect(await driver.do({ kind: "discard", id })).toBe(false);
      }
      await driver.claim(1);
      expect(await driver.do({ kind: "discard", id: "ready" })).toBe(false);
      await driver.settle({ id: "ready", epoch: 1 }, { kind: "finish" });
      expect(await driver.do({ kind: "requeue", id: "ready" })).toBeUndefined();
      expect(await driver.storage.state("ready")).toBe("finished");
    }),
  );
}
