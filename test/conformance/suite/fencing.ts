import { expect, test } from "vitest";
import { FAILURE } from "../driver.ts";
import type { Settlement } from "../../../src/storage/port.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const SETTLEMENTS: readonly Settlement[] = [
  { kind: "finish", result: "1" },
  { kind: "restart", failure: FAILURE, delayMs: 0 },
  { kind: "restart", failure: FAILURE, delayMs: 9 },
  { kind: "bury", failure: FAILURE },
  { kind: "abort" },
  { kind: "giveBack" },
];

export function fencing(suite: SuiteOptions): void {
  for (const outcome of SETTLEMENTS) {
    const name = outcome.kind === "restart" ? `restart after ${outcome.delayMs} ms` : outcome.kind;

    test(
      `changes nothing by a late ${name}`,
      withStorage(suite, async (driver) => {
        await driver.running("a");
        await driver.settle({ id: "a", epoch: 1 }, { kind: "giveBack" });
        const ready = await driver.task("a");
        expect(await driver.settle({ id: "a", epoch: 1 }, outcome)).toEqual({ kind: "stale" });
        expect(await driver.task("a")).toEqual(ready);
        await driver.claim(1);
        const running = await driver.task("a");
        for (const epoch of [0, 1, 3]) {
          expect(await driver.settle({ id: "a", epoch }, outcome)).toEqual({ kind: "stale" });
          expect(await driver.do({ kind: "progress", id: "a", epoch, progress: "1" })).toBe(false);
        }
        expect(await driver.task("a")).toEqual(running);
        await driver.settle({ id: "a", epoch: 2 }, { kind: "finish" });
        const finished = await driver.task("a");
        expect(await driver.settle({ id: "a", epoch: 2 }, outcome)).toEqual({ kind: "stale" });
        expect(await driver.task("a")).toEqual(finished);
        expect(await driver.settle({ id: "none", epoch: 1 }, outcome)).toEqual({ kind: "stale" });
      }),
    );
  }

  test(
    "leave an attempt to a worker that knows of an older one of the same task, too",
    withStorage(suite, async (driver) => {
      const first = await driver.running("a");
      await driver.settle(first, { kind: "giveBack" });
      const [second] = await driver.claim(1);
      const known = [{ id: "a", epoch: second?.epoch ?? 0 }, first];
      expect(await driver.do({ kind: "disclaim", worker: "w1", known })).toEqual([]);
      expect(await driver.storage.state("a")).toBe("running");
    }),
  );
}
