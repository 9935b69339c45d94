import { expect, test } from "vitest";
import { KNOWN_FOR_MS, OFFERS_RENEWED_MS } from "../../../src/storage/known-for.ts";
import type { TopicCounts } from "../../../src/storage/port.ts";
import { claiming, type Driver, FAILURE, TOPIC, workerRecord } from "../driver.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

async function register(driver: Driver, worker: string, functions: readonly string[]): Promise<void> {
  await driver.do({ kind: "registerWorker", worker: workerRecord(worker) });
  await driver.do({
    kind: "registerTopic",
    worker,
    registration: { topic: TOPIC, priority: 10, maxConcurrency: 10, maxQueueLen: 200, maxRestarts: 5 },
    functions: new Map(functions.map((name) => [name, {}])),
  });
}

async function countsOf(driver: Driver, topic = TOPIC): Promise<TopicCounts | undefined> {
  return (await driver.storage.topicCounts()).find((counts) => counts.topic === topic);
}

async function knownFunctions(driver: Driver): Promise<string[]> {
  const registry = await driver.storage.registry(undefined);
  return [...(registry?.topics.get(TOPIC)?.functions.keys() ?? [])].toSorted();
}

/** Workers run for a time, and tell every hour that they do. */
async function runFor(driver: Driver, ms: number, workers: readonly string[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += OFFERS_RENEWED_MS) {
    driver.now += OFFERS_RENEWED_MS;
    for (const worker of workers) await driver.do({ kind: "renewOffers", worker });
  }
}

export function offering(suite: SuiteOptions): void {
  test(
    "counts the tasks of a topic that nobody has registered",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b"], { topic: "unknown" });
      expect(await countsOf(driver, "unknown")).toMatchObject({
        counts: { ready: 2 },
        oldestQueuedAt: driver.now,
        isServed: false,
        unclaimable: [{ function: "work", tasks: 2 }],
      });
    }),
  );

  test(
    "tells what waits for functions that no worker offers, until one does, and again once it is gone",
    withStorage(suite, async (driver) => {
      await driver.enqueueAll(["a", "b"]);
      await driver.do(claiming(1));
      await driver.settle({ id: "a", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 10 });
      await driver.enqueue("c", { function: "other" });
      const all = [
        { function: "other", tasks: 1 },
        { function: "work", tasks: 2 },
      ];
      expect(await countsOf(driver)).toMatchObject({ unclaimable: all, isServed: false });
      await register(driver, "w2", ["work"]);
      expect(await countsOf(driver)).toMatchObject({ unclaimable: [{ function: "other", tasks: 1 }], isServed: true });
      await driver.do({ kind: "removeWorker", worker: "w2" });
      expect(await countsOf(driver)).toMatchObject({ unclaimable: all, isServed: false });
      await register(driver, "w3", ["work", "other"]);
      expect(await countsOf(driver)).toMatchObject({ unclaimable: [], isServed: true });
      await driver.do({ kind: "rescue", worker: "w3", heartbeat: 0, failure: FAILURE, limit: 10 });
      expect(await countsOf(driver)).toMatchObject({ unclaimable: all, isServed: false });
    }),
  );

  test(
    "lets a worker without a row offer nothing",
    withStorage(suite, async (driver) => {
      await driver.do({ kind: "removeWorker", worker: "w2" });
      const registration = { topic: TOPIC, priority: 10, maxConcurrency: 10, maxQueueLen: 200, maxRestarts: 5 };
      await driver.do({ kind: "registerTopic", worker: "w2", registration, functions: new Map([["work", {}]]) });
      expect(await countsOf(driver)).toMatchObject({ isServed: false });
      expect(await knownFunctions(driver)).toEqual(["work"]);
    }),
  );

  test(
    "tells since when the first of the ready tasks has stood in its line",
    withStorage(suite, async (driver) => {
      const start = driver.now;
      await driver.enqueue("first");
      driver.now = start + 5;
      await driver.enqueue("urgent", { priority: 1 });
      expect((await countsOf(driver))?.oldestQueuedAt).toBe(start);
      const [urgent] = await driver.claim(1);
      const [first] = await driver.claim(1);
      expect([urgent?.id, first?.id]).toEqual(["urgent", "first"]);
      expect((await countsOf(driver))?.oldestQueuedAt).toBeUndefined();
      // One given back keeps its place, one that waits is not ready, and joins the end of its line later.
      await driver.settle({ id: "urgent", epoch: 1 }, { kind: "giveBack" });
      await driver.settle({ id: "first", epoch: 1 }, { kind: "restart", failure: FAILURE, delayMs: 10 });
      expect((await countsOf(driver))?.oldestQueuedAt).toBe(start + 5);
      await driver.do({ kind: "abort", id: "urgent" });
      driver.now = start + 100;
      await driver.do({ kind: "promote", limit: 10 });
      expect((await countsOf(driver))?.oldestQueuedAt).toBe(start + 100);
    }),
  );

  test(
    "forgets a function that no worker has offered for a week, although workers of its topic ran",
    withStorage(suite, async (driver) => {
      await register(driver, "w1", ["old", "work"]);
      await driver.do({ kind: "removeWorker", worker: "w1" });
      await register(driver, "w2", ["work"]);
      await runFor(driver, KNOWN_FOR_MS - OFFERS_RENEWED_MS, ["w2"]);
      const before = await driver.storage.registry(undefined);
      expect(await knownFunctions(driver)).toEqual(["old", "work"]);
      await runFor(driver, OFFERS_RENEWED_MS, ["w2"]);
      expect(await knownFunctions(driver)).toEqual(["work"]);
      expect(await driver.storage.registry(before?.version)).toBeDefined();
      await register(driver, "w3", ["old"]);
      expect(await knownFunctions(driver)).toEqual(["old", "work"]);
    }),
  );

  test(
    "forgets nothing while no worker of the topic runs, and nothing that a worker offers beside others",
    withStorage(suite, async (driver) => {
      await register(driver, "w1", ["old", "work"]);
      await driver.do({ kind: "removeWorker", worker: "w1" });
      driver.now += 2 * KNOWN_FOR_MS;
      await register(driver, "w2", ["work"]);
      expect(await knownFunctions(driver)).toEqual(["old", "work"]);
      await runFor(driver, KNOWN_FOR_MS / 2, ["w2"]);
      driver.now -= 30 * KNOWN_FOR_MS;
      await register(driver, "w3", ["old"]);
      await runFor(driver, 2 * KNOWN_FOR_MS, ["w2", "w3"]);
      expect(await knownFunctions(driver)).toEqual(["old", "work"]);
    }),
  );
}
