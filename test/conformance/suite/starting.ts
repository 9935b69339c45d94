import { expect, test } from "vitest";
import { claiming, enqueueing, TOPIC } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const start = { worker: "w1", maxRestarts: 4 };

export function starting(suite: SuiteOptions): void {
  test(
    "starts nothing in the name of a worker that has not claimed in the turn",
    withStorage(suite, async (driver) => {
      const gone = { worker: "gone", maxRestarts: 4 };
      expect(await driver.all([claiming(3), enqueueing("a", { start: gone })])).toMatchObject([[], { kind: "stored" }]);
    }),
  );

  test(
    "starts an enqueue in a slot that an earlier claim has left free",
    withStorage(suite, async (driver) => {
      const results = await driver.all([
        enqueueing("old"),
        claiming(3),
        enqueueing("a", { start, args: "[7]" }),
        enqueueing("other", { start, topic: "emails" }),
        enqueueing("plain"),
        enqueueing("b", { start, options: { maxRestarts: 0 } }),
        enqueueing("c", { start }),
      ]);
      expect(results[2]).toEqual({
        kind: "claimed",
        task: {
          id: "a",
          topic: TOPIC,
          function: "work",
          args: "[7]",
          priority: 10,
          attempt: 1,
          epoch: 1,
          maxRestarts: 4,
          options: {},
        },
      });
      expect(results.slice(3)).toMatchObject([
        { kind: "stored" },
        { kind: "stored" },
        { kind: "claimed", task: { id: "b", maxRestarts: 0 } },
        { kind: "stored" },
      ]);
      expect(await driver.task("a")).toMatchObject({
        state: "running",
        attempt: 1,
        epoch: 1,
        resolvedMaxRestarts: 4,
        startedAt: driver.now,
      });
      expect(await driver.claimIds(5)).toEqual(["plain", "c"]);
    }),
  );

  test(
    "claims a task once that was started past its line and then given back",
    withStorage(suite, async (driver) => {
      await driver.enqueue("before");
      const other = new Map([["other", { maxRestarts: 4 }]]);
      await driver.all([claiming(1, { functions: other }), enqueueing("started", { start })]);
      await driver.do({ kind: "disclaim", worker: "w1", known: [] });
      expect(await driver.claimIds(3)).toEqual(["before", "started"]);
    }),
  );

  test(
    "does not start without a claim before it, nor in a later turn",
    withStorage(suite, async (driver) => {
      await driver.all([enqueueing("a", { start }), claiming(1), claiming(1)]);
      expect((await driver.task("a")).attempt).toBe(1);
      expect(await driver.enqueue("b", { start })).toEqual({ kind: "stored" });
    }),
  );

  test(
    "uses no slot for an id that is stored already",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { function: "unknown" });
      const results = await driver.all([claiming(1), enqueueing("a", { start }), enqueueing("b", { start })]);
      expect(results.slice(1)).toMatchObject([{ kind: "stored" }, { kind: "claimed" }]);
    }),
  );

  test(
    "settles a task that was started at enqueue like any other",
    withStorage(suite, async (driver) => {
      await driver.all([claiming(1), enqueueing("a", { start })]);
      expect(await driver.settle({ id: "a", epoch: 1 }, { kind: "finish", result: "1" })).toMatchObject({
        state: "finished",
      });
    }),
  );
}
