import { expect, test } from "vitest";
import type { PruneOperation } from "../../../src/storage/port.ts";
import { FAILURE, TOPIC, type Driver } from "../driver.ts";
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

function pruning(state: PruneOperation["state"], endedBefore = Infinity): PruneOperation {
  return { kind: "prune", state, topics: [TOPIC], endedBefore, limit: 9, maxBytes: Infinity };
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
      const prune = { ...pruning("finished", start + 30), limit: 2 };
      expect(await driver.do(prune)).toEqual({ removed: 2, more: true });
      expect(await driver.storage.get("b")).toBeUndefined();
      expect(await driver.storage.state("c")).toBe("finished");
      expect(await driver.do(prune)).toEqual({ removed: 1, more: false });
      expect(await driver.do(prune)).toEqual({ removed: 0, more: false });
      expect(await driver.storage.state("d")).toBe("finished");
      expect(await driver.do(pruning("aborted"))).toEqual({ removed: 1, more: false });
      expect(await driver.storage.state("dead")).toBe("in_dead_letter_queue");
      expect(await driver.do(pruning("in_dead_letter_queue"))).toEqual({ removed: 1, more: false });
      expect(await driver.storage.get("dead")).toBeUndefined();
      expect(await driver.storage.deadLetters({ limit: 9 })).toEqual([]);
    }),
  );

  test(
    "prunes the named topics only, and as many tasks as the limit lets in all of them",
    withStorage(suite, async (driver) => {
      for (const [id, topic] of [
        ["a", "emails"],
        ["b", "report"],
        ["c", "emails"],
        ["d", "kept"],
        ["e", "report"],
      ] as const) {
        await driver.enqueue(id, { topic });
        await driver.claim(1, { topic });
        await driver.settle({ id, epoch: 1 }, { kind: "finish" });
        driver.now += 1;
      }
      const prune = { ...pruning("finished"), topics: ["none", "report", "emails"], limit: 3 };
      expect(await driver.do({ ...prune, topics: [] })).toEqual({ removed: 0, more: false });
      expect(await driver.do(prune)).toEqual({ removed: 3, more: true });
      const left = async (): Promise<(string | undefined)[]> =>
        Promise.all(["a", "b", "c", "d", "e"].map((id) => driver.storage.state(id)));
      expect(await left()).toEqual([undefined, undefined, "finished", "finished", undefined]);
      expect(await driver.do(prune)).toEqual({ removed: 1, more: false });
      expect(await left()).toEqual([undefined, undefined, undefined, "finished", undefined]);
    }),
  );

  test(
    "prunes fewer tasks at once where they are large, but one at least",
    withStorage(suite, async (driver) => {
      const large = "x".repeat(1_000_000);
      await driver.settle(await driver.running("args", { args: JSON.stringify([large]) }), { kind: "finish" });
      await driver.settle(await driver.running("result"), { kind: "finish", result: JSON.stringify(large) });
      await driver.settle(await driver.running("both", { args: JSON.stringify([large]) }), {
        kind: "finish",
        result: JSON.stringify(large),
      });
      await driver.settle(await driver.running("small"), { kind: "finish" });
      const prune = { ...pruning("finished"), maxBytes: 1_500_000 };
      expect(await driver.do(prune)).toEqual({ removed: 2, more: true });
      expect(await driver.do(prune)).toEqual({ removed: 1, more: true });
      expect(await driver.do(prune)).toEqual({ removed: 1, more: false });
      const failure = { ...FAILURE, stack: large };
      for (const id of ["x", "y"]) await driver.settle(await driver.running(id), { kind: "bury", failure });
      expect(await driver.do({ ...pruning("in_dead_letter_queue"), maxBytes: 1 })).toEqual({ removed: 1, more: true });
    }),
  );

  test(
    "prunes no task that was requeued since",
    withStorage(suite, async (driver) => {
      await driver.buried("a");
      await driver.do({ kind: "requeue", id: "a" });
      driver.now += 1;
      for (const state of ["finished", "aborted", "in_dead_letter_queue"] as const) {
        const pruned = await driver.do(pruning(state, driver.now));
        expect(pruned).toEqual({ removed: 0, more: false });
      }
      expect(await driver.storage.state("a")).toBe("ready");
    }),
  );
}
