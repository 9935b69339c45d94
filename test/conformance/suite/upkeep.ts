import { expect, test } from "vitest";
import { FAILURE, type Driver } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

/** Tasks that wait, each for so many milliseconds from now. */
async function waiting(driver: Driver, delays: Readonly<Record<string, number>>): Promise<void> {
  const ids = Object.keys(delays);
  await driver.enqueueAll(ids);
  await driver.claim(ids.length);
  for (const [id, delayMs] of Object.entries(delays)) {
    await driver.settle({ id, epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs });
  }
}

export function upkeep(suite: SuiteOptions): void {
  test(
    "promotes what is due to the end of the line, in the order it fell due",
    withStorage(suite, async (driver) => {
      await waiting(driver, { a: 30, b: 10, c: 20, d: 10, e: 31 });
      await driver.enqueue("fresh");
      const dueFirst = driver.now + 10;
      expect(await driver.storage.nextDueAt()).toBe(dueFirst);
      driver.now += 9;
      expect(await driver.do({ kind: "promote", limit: 5 })).toEqual({ topics: [], more: false });
      driver.now += 21;
      expect(await driver.do({ kind: "promote", limit: 3 })).toEqual({ topics: ["default"], more: true });
      expect(await driver.do({ kind: "promote", limit: 3 })).toEqual({ topics: ["default"], more: false });
      expect(await driver.storage.nextDueAt()).toBe(dueFirst + 21);
      expect(await driver.claimIds(9)).toEqual(["fresh", "b", "d", "c", "a"]);
    }),
  );

  test(
    "names every topic that got ready tasks, once",
    withStorage(suite, async (driver) => {
      for (const [id, topic] of [
        ["a", "emails"],
        ["b", "report"],
        ["c", "emails"],
      ] as const) {
        await driver.enqueue(id, { topic });
        await driver.claim(1, { topic });
        await driver.settle({ id, epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 1 });
      }
      driver.now += 1;
      expect(await driver.do({ kind: "promote", limit: 5 })).toEqual({ topics: ["emails", "report"], more: false });
    }),
  );

  test(
    "prunes one end state in batches, the earliest first",
    withStorage(suite, async (driver) => {
      const start = driver.now;
      for (const id of ["a", "b", "c", "d"]) {
        await driver.settle(await driver.running(id, { args: JSON.stringify(["x".repeat(5_000)]) }), {
          kind: "finish",
        });
        driver.now += 10;
      }
      await driver.buried("dead");
      await driver.enqueue("aborted");
      await driver.do({ kind: "abort", id: "aborted" });
      const prune = { kind: "prune", state: "finished", endedBefore: start + 30, limit: 2 } as const;
      expect(await driver.do(prune)).toEqual({ removed: 2, more: true });
      expect(await driver.storage.get("b")).toBeUndefined();
      expect(await driver.storage.state("c")).toBe("finished");
      expect(await driver.do(prune)).toEqual({ removed: 1, more: false });
      expect(await driver.do(prune)).toEqual({ removed: 0, more: false });
      expect(await driver.storage.state("d")).toBe("finished");
      const all = { kind: "prune", endedBefore: Infinity, limit: 9 } as const;
      expect(await driver.do({ ...all, state: "aborted" })).toEqual({ removed: 1, more: false });
      expect(await driver.storage.state("dead")).toBe("in_dead_letter_queue");
      expect(await driver.do({ ...all, state: "in_dead_letter_queue" })).toEqual({ removed: 1, more: false });
      expect(await driver.storage.get("dead")).toBeUndefined();
      expect(await driver.storage.deadLetters({ limit: 9 })).toEqual([]);
    }),
  );

  test(
    "prunes no task that was requeued since",
    withStorage(suite, async (driver) => {
      await driver.buried("a");
      await driver.do({ kind: "requeue", id: "a" });
      driver.now += 1;
      for (const state of ["finished", "aborted", "in_dead_letter_queue"] as const) {
        const pruned = await driver.do({ kind: "prune", state, endedBefore: driver.now, limit: 9 });
        expect(pruned).toEqual({ removed: 0, more: false });
      }
      expect(await driver.storage.state("a")).toBe("ready");
    }),
  );
}
