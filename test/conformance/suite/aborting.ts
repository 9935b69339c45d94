import { expect, test } from "vitest";
import { FAILURE } from "../driver.ts";
import type { Settlement } from "../../../src/storage/port.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const OUTCOMES: readonly Settlement[] = [
  { kind: "finish", result: "1" },
  { kind: "restart", failure: FAILURE, delayMs: 0 },
  { kind: "restart", failure: FAILURE, delayMs: 9 },
  { kind: "bury", failure: FAILURE },
  { kind: "abort" },
  { kind: "giveBack" },
];

export function aborting(suite: SuiteOptions): void {
  test(
    "ends a queued task at once, ready or waiting",
    withStorage(suite, async (driver) => {
      await driver.running("waiting");
      await driver.settle({ id: "waiting", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 10 });
      await driver.enqueue("ready");
      for (const id of ["waiting", "ready"]) {
        expect(await driver.do({ kind: "abort", id })).toEqual({ kind: "aborted" });
        expect(await driver.task(id)).toMatchObject({ state: "aborted", endedAt: driver.now });
        expect(await driver.do({ kind: "abort", id })).toEqual({ kind: "ended", state: "aborted" });
      }
      driver.now += 10;
      expect(await driver.do({ kind: "promote", limit: 5 })).toEqual({ topics: [], more: false });
      expect(await driver.storage.nextDueAt()).toBeUndefined();
      expect(await driver.claim(5)).toEqual([]);
    }),
  );

  test(
    "tells the state of a task that has ended",
    withStorage(suite, async (driver) => {
      await driver.settle(await driver.running("a"), { kind: "finish" });
      await driver.buried("b");
      expect(await driver.do({ kind: "abort", id: "a" })).toEqual({ kind: "ended", state: "finished" });
      expect(await driver.do({ kind: "abort", id: "b" })).toEqual({ kind: "ended", state: "in_dead_letter_queue" });
      expect(await driver.do({ kind: "abort", id: "none" })).toEqual({ kind: "notFound" });
    }),
  );

  test(
    "records what was asked of a running one, for its worker to see",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      await driver.running("b");
      expect(await driver.storage.abortRequests("w1")).toEqual([]);
      const requested = { kind: "requested", worker: "w1", epoch: 1 };
      expect(await driver.do({ kind: "abort", id: "a" })).toEqual(requested);
      expect(await driver.do({ kind: "abort", id: "a" })).toEqual(requested);
      expect(await driver.storage.state("a")).toBe("running");
      expect(await driver.storage.abortRequests("w1")).toEqual([{ id: "a", epoch: 1 }]);
      expect(await driver.storage.abortRequests("w2")).toEqual([]);
      expect(await driver.do({ kind: "progress", id: "a", epoch: 1, progress: "1" })).toBe(true);
    }),
  );

  for (const outcome of OUTCOMES) {
    const name = outcome.kind === "restart" ? `restart after ${outcome.delayMs} ms` : outcome.kind;

    test(
      `wins over a ${name}`,
      withStorage(suite, async (driver) => {
        await driver.running("a");
        await driver.do({ kind: "abort", id: "a" });
        const settled = await driver.settle({ id: "a", epoch: 1 }, outcome);
        expect(settled).toEqual({ kind: "settled", state: "aborted" });
        expect(await driver.task("a")).toMatchObject({
          state: "aborted",
          attempt: 1,
          result: undefined,
          failures: [],
          startedAt: driver.now,
          endedAt: driver.now,
        });
        expect(await driver.storage.abortRequests("w1")).toEqual([]);
        expect(await driver.claim(1)).toEqual([]);
        expect(await driver.storage.nextDueAt()).toBeUndefined();
        expect(await driver.storage.deadLetters({ limit: 1 })).toEqual([]);
      }),
    );
  }

  test(
    "comes too late after a settlement of the same turn",
    withStorage(suite, async (driver) => {
      await driver.running("a");
      const results = await driver.all([
        { kind: "settle", id: "a", epoch: 1, outcome: { kind: "finish" } },
        { kind: "abort", id: "a" },
      ]);
      expect(results[1]).toEqual({ kind: "ended", state: "finished" });
    }),
  );

  test(
    "ends a running task that nobody asked to abort, if its worker says so",
    withStorage(suite, async (driver) => {
      const a = await driver.running("a");
      expect(await driver.settle(a, { kind: "abort" })).toEqual({ kind: "settled", state: "aborted" });
    }),
  );
}
