import { expect, test } from "vitest";
import { claiming, enqueueing, FAILURE } from "../driver.ts";
import type { EnqueueOperation } from "../../../src/storage/port.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

export function failingAlone(suite: SuiteOptions): void {
  test(
    "fail alone: what comes before and after them is stored",
    withStorage(suite, async (driver) => {
      await driver.running("running");
      const start = { worker: "w1", maxRestarts: 0 };
      const { outcomes } = await driver.storage.turn(
        [
          { kind: "settle", id: "running", epoch: 1, outcome: { kind: "restart", failure: FAILURE, delayMs: 0 } },
          enqueueing("a", { maxQueueLen: 1 }),
          enqueueing("half", { priority: 1.5 }),
          claiming(3),
          enqueueing("low", { priority: 0, start }),
          enqueueing("b", { start }),
          claiming(1, { worker: "gone" }),
          enqueueing("high", { priority: 11 }),
          enqueueing("c", { maxQueueLen: 1 }),
          enqueueing("d", { maxQueueLen: 1 }),
          enqueueing("none", { priority: Number.NaN }),
        ],
        { now: driver.now },
      );
      expect(outcomes.map(({ ok }) => ok)).toEqual([
        true,
        true,
        false,
        true,
        false,
        true,
        false,
        false,
        true,
        true,
        false,
      ]);
      expect(outcomes[3]).toMatchObject({ value: [{ id: "running", attempt: 2 }, { id: "a" }] });
      expect(outcomes[5]).toMatchObject({ value: { kind: "claimed" } });
      expect(outcomes[9]).toEqual({ ok: true, value: { kind: "full" } });
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
      expect(errors.map((error) => error instanceof Error)).toEqual([true, true, true, true, true]);
      for (const id of ["half", "low", "high", "none", "d"]) expect(await driver.storage.get(id)).toBeUndefined();
      expect((await driver.task("running")).failures).toHaveLength(1);
      expect(await driver.claimIds(9)).toEqual(["c"]);
    }),
  );

  test(
    "give back the slots that they had taken",
    withStorage(suite, async (driver) => {
      const start = { worker: "w1", maxRestarts: 0 };
      const starting = (id: string, priority = 10): EnqueueOperation => enqueueing(id, { start, priority });
      const { outcomes } = await driver.storage.turn(
        [
          claiming(2),
          { kind: "enqueueMany", tasks: [starting("a"), starting("b", 1.5)] },
          enqueueing("c", { start, priority: 0 }),
          enqueueing("d", { start }),
          enqueueing("e", { start }),
        ],
        { now: driver.now },
      );
      expect(outcomes.map((outcome) => outcome.ok && (outcome.value as { kind?: string }).kind)).toEqual([
        undefined,
        false,
        false,
        "claimed",
        "claimed",
      ]);
    }),
  );

  test(
    "fail as a whole where they are several tasks",
    withStorage(suite, async (driver) => {
      const { outcomes } = await driver.storage.turn(
        [
          enqueueing("a"),
          { kind: "enqueueMany", tasks: [enqueueing("b"), enqueueing("half", { priority: 1.5 }), enqueueing("c")] },
          { kind: "enqueueMany", tasks: [enqueueing("d"), enqueueing("e")] },
        ],
        { now: driver.now },
      );
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
      expect(await driver.claimIds(9)).toEqual(["a", "d", "e"]);
      expect(await driver.storage.get("b")).toBeUndefined();
    }),
  );

  test(
    "leave an empty turn empty",
    withStorage(suite, async (driver) => {
      expect(await driver.storage.turn([], { now: driver.now })).toEqual({ outcomes: [], changes: [] });
    }),
  );
}
