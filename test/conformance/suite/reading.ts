import { expect, test } from "vitest";
import { FAILURE, KNOWN, TOPIC } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

export function reading(suite: SuiteOptions): void {
  test(
    "keeps what the enqueue named, and nothing else",
    withStorage(suite, async (driver) => {
      const options = { timeoutMs: 1_500, abortGraceMs: 0, maxRestarts: 0, maxBackoffMs: Infinity };
      await driver.enqueue("a", { args: '["ä",{"b":[1]}]', priority: 3, options });
      expect(await driver.storage.get("a")).toEqual({
        id: "a",
        topic: TOPIC,
        function: "work",
        args: '["ä",{"b":[1]}]',
        priority: 3,
        state: "ready",
        attempt: 0,
        epoch: 0,
        options,
        resolvedMaxRestarts: undefined,
        enqueuedAt: driver.now,
        startedAt: undefined,
        endedAt: undefined,
        result: undefined,
        progress: undefined,
        failures: [],
        failureCount: 0,
      });
      await driver.enqueue("b");
      expect((await driver.task("b")).options).toEqual({});
    }),
  );

  test(
    "hands a claimed task out whole",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { args: "[1]", priority: 4, options: { timeoutMs: 5 } });
      expect(await driver.claim(1)).toEqual([
        {
          id: "a",
          topic: TOPIC,
          function: "work",
          args: "[1]",
          priority: 4,
          attempt: 1,
          epoch: 1,
          maxRestarts: 2,
          options: { timeoutMs: 5 },
        },
      ]);
      expect(await driver.task("a")).toMatchObject({ state: "running", resolvedMaxRestarts: 2, startedAt: driver.now });
    }),
  );

  test(
    "prefers the restarts that the enqueue named to those of the worker",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { options: { maxRestarts: 7 } });
      expect((await driver.claim(1))[0]?.maxRestarts).toBe(7);
    }),
  );

  test(
    "keeps arguments, results and failures of any length and script",
    withStorage(suite, async (driver) => {
      const args = JSON.stringify(["x".repeat(900_000), '猫🐈\u0001\n"']);
      const message = "y".repeat(8_000) + "\u0000\u0007é";
      await driver.enqueue("a", { args });
      const [first] = await driver.claim(1);
      expect(first?.args).toBe(args);
      await driver.settle(
        { id: "a", epoch: 1 },
        { kind: "restart", failure: { code: "TASK_EXITED", message }, delayMs: 0 },
      );
      await driver.claim(1);
      await driver.settle({ id: "a", epoch: 2 }, { kind: "finish", result: args });
      const task = await driver.task("a");
      expect(task.args).toBe(args);
      expect(task.result).toBe(args);
      expect(task.failures).toEqual([{ code: "TASK_EXITED", message, attempt: 1, at: driver.now }]);
    }),
  );

  test(
    "answers nothing for an id that it has not",
    withStorage(suite, async (driver) => {
      expect(await driver.storage.get("none")).toBeUndefined();
      expect(await driver.storage.state("none")).toBeUndefined();
      expect(await driver.storage.nextDueAt()).toBeUndefined();
      expect(await driver.storage.deadLetters({ limit: 10 })).toEqual([]);
    }),
  );

  test(
    "counts the tasks of every registered topic by state",
    withStorage(suite, async (driver) => {
      const registration = { topic: TOPIC, priority: 10, maxConcurrency: 10, maxQueueLen: 200, maxRestarts: 5 };
      await driver.do({ kind: "registerTopic", worker: "w1", registration, functions: new Map() });
      await driver.do({
        kind: "registerTopic",
        worker: "w1",
        registration: { ...registration, topic: "idle" },
        functions: new Map(),
      });
      await driver.enqueueAll(["a", "b", "c", "d", "e", "f", "g"]);
      await driver.claim(5);
      await driver.settle({ id: "a", epoch: 1 }, { kind: "finish" });
      await driver.settle({ id: "b", epoch: 1 }, { kind: "bury", failure: FAILURE });
      await driver.settle({ id: "c", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 10 });
      await driver.do({ kind: "abort", id: "f" });
      const none = { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
      const counts = new Map((await driver.storage.topicCounts()).map((entry) => [entry.topic, entry.counts]));
      expect(counts).toEqual(
        new Map([
          [TOPIC, { ready: 1, waiting: 1, running: 2, finished: 1, in_dead_letter_queue: 1, aborted: 1 }],
          ["idle", none],
        ]),
      );
    }),
  );

  test(
    "answers an id that is stored already as enqueued, and changes nothing",
    withStorage(suite, async (driver) => {
      await driver.enqueue("a", { args: "[1]" });
      expect(await driver.enqueue("a", { args: "[2]", maxQueueLen: 1 })).toEqual({ kind: "stored" });
      expect(await driver.claim(5)).toHaveLength(1);
      expect(await driver.enqueue("a", { args: "[3]" })).toEqual({ kind: "stored" });
      expect(await driver.task("a")).toMatchObject({ args: "[1]", state: "running" });
      expect(await driver.claim(5)).toEqual([]);
    }),
  );

  test(
    "refuses every call once it is closed, and closes twice",
    withStorage(suite, async (driver) => {
      await driver.storage[Symbol.asyncDispose]();
      await driver.storage[Symbol.asyncDispose]();
      await expect(driver.storage.get("a")).rejects.toMatchObject({ code: "STOPPED" });
      await expect(driver.claim(1, { functions: KNOWN })).rejects.toMatchObject({ code: "STOPPED" });
    }),
  );
}
