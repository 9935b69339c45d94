import { expect, test } from "vitest";
import { IDEMPOTENCY_KEY_KEPT_MS } from "../../../src/core/idempotency.ts";
import type { NewTask } from "../../../src/storage/port.ts";
import { claiming, enqueueing, FAILURE, TOPIC, type Driver } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const THIS = { key: "key", contentHash: "this" };
const THAT = { key: "key", contentHash: "that" };
const PRUNE_ALL = { kind: "prune", topics: [TOPIC], endedBefore: Infinity, limit: 100, maxBytes: Infinity } as const;

/** Which of these ids are stored. */
async function stored(driver: Driver, ids: readonly string[]): Promise<string[]> {
  const states = await Promise.all(ids.map((id) => driver.storage.state(id)));
  return ids.filter((_, index) => states[index] !== undefined);
}

function many(...tasks: readonly NewTask[]): { kind: "enqueueMany"; tasks: readonly NewTask[] } {
  return { kind: "enqueueMany", tasks };
}

export function idempotency(suite: SuiteOptions): void {
  test(
    "give the same content the first task, in one turn and in later ones",
    withStorage(suite, async (driver) => {
      const start = { worker: "w1", maxRestarts: 0 };
      const ids = ["a", "b", "c"];
      const results = await driver.all([
        claiming(2),
        ...ids.map((id) => enqueueing(id, { idempotency: THIS, start })),
        enqueueing("other", { start }),
      ]);
      expect(results.slice(1)).toMatchObject([
        { kind: "claimed", task: { id: "a" } },
        { kind: "repeated", id: "a" },
        { kind: "repeated", id: "a" },
        { kind: "claimed", task: { id: "other" } },
      ]);
      expect(await driver.enqueue("d", { idempotency: THIS })).toEqual({ kind: "repeated", id: "a" });
      expect(await stored(driver, [...ids, "d"])).toEqual(["a"]);
    }),
  );

  test(
    "refuse other content, and leave the first as it was",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { idempotency: THIS });
      expect(await driver.enqueue("b", { idempotency: THAT })).toEqual({ kind: "conflict" });
      expect(await driver.enqueue("c", { idempotency: THIS })).toEqual({ kind: "repeated", id: "a" });
      expect(await driver.enqueue("d", { idempotency: { ...THAT, key: "Key" } })).toEqual({ kind: "stored" });
      expect(await stored(driver, ["a", "b", "c", "d"])).toEqual(["a", "d"]);
    }),
  );

  test(
    "are answered also where the line is full, and not kept of what was refused",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { idempotency: THIS, maxQueueLen: 1 });
      expect(await driver.enqueue("b", { idempotency: THIS, maxQueueLen: 1 })).toEqual({ kind: "repeated", id: "a" });
      const other = { idempotency: { ...THIS, key: "other" }, maxQueueLen: 1 };
      expect(await driver.enqueue("c", other)).toEqual({ kind: "full" });
      await driver.claim(1);
      expect(await driver.enqueue("d", other)).toEqual({ kind: "stored" });
    }),
  );

  test(
    "are not kept of an enqueue that cannot be stored",
    withStorage(suite, async (driver) => {
      const { outcomes } = await driver.storage.turn([enqueueing("a", { idempotency: THIS, priority: 1.5 })], driver);
      const [refused] = outcomes;
      expect(refused?.ok).toBe(false);
      expect(await driver.enqueue("b", { idempotency: THAT })).toEqual({ kind: "stored" });
    }),
  );

  test(
    "outlive their task, whatever has become of it",
    withStorage(suite, async (driver) => {
      await driver.settle(await driver.running("finished", { idempotency: THIS }), { kind: "finish" });
      await driver.buried("dead", { idempotency: { ...THIS, key: "dead" } });
      await driver.enqueue("aborted", { idempotency: { ...THIS, key: "aborted" } });
      await driver.do({ kind: "abort", id: "aborted" });
      await driver.do({ kind: "discard", id: "dead" });
      for (const state of ["finished", "aborted"] as const) await driver.do({ ...PRUNE_ALL, state });
      expect(await stored(driver, ["finished", "dead", "aborted"])).toEqual([]);
      for (const [key, id] of [
        ["key", "finished"],
        ["dead", "dead"],
        ["aborted", "aborted"],
      ] as const) {
        expect(await driver.enqueue("again", { idempotency: { ...THIS, key } })).toEqual({ kind: "repeated", id });
      }
      expect(await driver.storage.state("again")).toBeUndefined();
    }),
  );

  test(
    "answer a resent call with its own id",
    withStorage(suite, async (driver) => {
      const task = await driver.running("a", { idempotency: THIS });
      expect(await driver.enqueue("a", { idempotency: THIS })).toEqual({ kind: "repeated", id: "a" });
      await driver.settle(task, { kind: "restart", failure: FAILURE, delayMs: 5 });
      expect(await driver.enqueue("a", { idempotency: THIS })).toEqual({ kind: "repeated", id: "a" });
    }),
  );

  test(
    "are kept for a day, whether or not they were removed",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { idempotency: THIS });
      driver.now += IDEMPOTENCY_KEY_KEPT_MS - 1;
      await driver.enqueue("later", { idempotency: { ...THIS, key: "later" } });
      expect(await driver.do({ kind: "pruneKeys", limit: 9 })).toEqual({ removed: 0, more: false });
      expect(await driver.enqueue("b", { idempotency: THAT })).toEqual({ kind: "conflict" });
      driver.now += 1;
      expect(await driver.enqueue("c", { idempotency: THAT })).toEqual({ kind: "stored" });
      expect(await driver.enqueue("d", { idempotency: THAT })).toEqual({ kind: "repeated", id: "c" });
      driver.now += IDEMPOTENCY_KEY_KEPT_MS;
      expect(await driver.do({ kind: "pruneKeys", limit: 1 })).toEqual({ removed: 1, more: true });
      expect(await driver.do({ kind: "pruneKeys", limit: 1 })).toEqual({ removed: 1, more: false });
      expect(await driver.enqueue("e", { idempotency: THIS })).toEqual({ kind: "stored" });
    }),
  );

  test(
    "leave out of several what repeats: an earlier call's, or an earlier one of the same",
    withStorage(suite, async (driver) => {
      await driver.enqueue("before", { idempotency: THIS });
      const second = { key: "second", contentHash: "this" };
      const call = many(
        enqueueing("a", { idempotency: THIS }),
        enqueueing("b", { maxQueueLen: 3 }),
        enqueueing("c", { idempotency: second, maxQueueLen: 3 }),
        enqueueing("d", { idempotency: second, maxQueueLen: 3 }),
      );
      const repeated = [
        { index: 0, id: "before" },
        { index: 3, id: "c" },
      ];
      expect(await driver.do(call)).toEqual({ kind: "stored", claimed: [], repeated });
      const again = [repeated[0], { index: 2, id: "c" }, repeated[1]];
      expect(await driver.do(call)).toEqual({ kind: "stored", claimed: [], repeated: again });
      expect(await driver.claimIds(9)).toEqual(["before", "b", "c"]);
    }),
  );

  test(
    "refuse several as a whole, and name the one",
    withStorage(suite, async (driver) => {
      await driver.enqueue("before", { idempotency: THIS });
      const other = { key: "other", contentHash: "this" };
      const conflict = many(
        enqueueing("a", { maxQueueLen: 0 }),
        enqueueing("b", { idempotency: other }),
        enqueueing("c", { idempotency: { ...other, contentHash: "that" } }),
      );
      expect(await driver.do(conflict)).toEqual({ kind: "conflict", index: 2 });
      expect(await driver.do(many(enqueueing("d"), enqueueing("e", { idempotency: THAT })))).toEqual({
        kind: "conflict",
        index: 1,
      });
      const full = many(
        enqueueing("f", { idempotency: THIS, maxQueueLen: 2 }),
        enqueueing("g", { idempotency: other, maxQueueLen: 2 }),
        enqueueing("h", { maxQueueLen: 2 }),
      );
      expect(await driver.do(full)).toEqual({ kind: "full", index: 2 });
      expect(await driver.enqueue("i", { idempotency: { ...other, contentHash: "that" } })).toEqual({ kind: "stored" });
      expect(await driver.claimIds(9)).toEqual(["before", "i"]);
    }),
  );
}
