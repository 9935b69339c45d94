import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { StorageBusy, type Storage } from "../../../src/storage/port.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { readTasks, type ReadTask } from "../../../src/tasks/read-tasks.ts";
import { openInPlace, type InPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

const QUEUES = { stored: {}, memory: { persistent: false } };

const TASKS = {
  take: (value: unknown) => String(value),
  fail() {
    throw new Error("it failed");
  },
  wait: () => new Promise((_, reject) => currentTask().signal.addEventListener("abort", reject)),
};

function open(storage?: Storage): Promise<InPlace<typeof TASKS>> {
  return openInPlace(TASKS, { queues: QUEUES, ...(storage === undefined ? {} : { storage }) });
}

async function started(storage?: Storage): Promise<InPlace<typeof TASKS>> {
  const inPlace = await open(storage);
  await inPlace.engine.start();
  return inPlace;
}

describe("a queue that is not persistent", () => {
  it("takes what v8.serialize carries, and runs it beside the others; their storage never hears of it", async () => {
    const { broker, clock, storage } = await started();
    const at = new Date(0);
    const id = await broker.enqueue("memory", "take", [at]);
    const other = await broker.enqueue("stored", "take", ["text"]);
    await expect(broker.enqueue("stored", "take", [at])).rejects.toMatchObject({ code: "INVALID_ARGS" });
    await expect(broker.enqueue("memory", "take", [() => 1])).rejects.toMatchObject({ code: "INVALID_ARGS" });
    await clock.settle();
    expect(await broker.result(id)).toBe(String(at));
    expect(await broker.get(id)).toMatchObject({ topic: "memory", status: "finished", args: [at] });
    expect(await broker.result(other)).toBe("text");
    expect(await storage.get(id)).toBeUndefined();
    expect((await storage.topicCounts()).map(({ topic }) => topic)).toEqual(["stored"]);
    expect(await broker.queues()).toMatchObject([
      { topic: "memory", finished: 1 },
      { topic: "stored", finished: 1 },
    ]);
  });

  it("is counted once, together with what an earlier configuration has stored of its topic", async () => {
    const storage = await openInMemory();
    const task = { topic: "memory", function: "take", args: "[]", priority: 10, options: {}, maxQueueLen: 10 };
    await storage.turn([{ kind: "enqueue", id: "earlier", ...task }], { now: 0 });
    const { broker, clock } = await started(storage);
    await broker.enqueue("memory", "take", [1]);
    await clock.settle();
    expect(await broker.queues()).toMatchObject([
      { topic: "memory", queued: 1, finished: 1, unclaimable: 1, oldestQueuedAt: new Date(0) },
      { topic: "stored", queued: 0 },
    ]);
  });

  it("takes nothing before start", async () => {
    const { engine, broker } = await open();
    const message = expect.stringContaining('Queue "memory" is not persistent');
    const refused = { code: "INVALID_OPTION", message };
    await expect(broker.enqueue("memory", "take", [1])).rejects.toMatchObject(refused);
    await expect(broker.enqueueMany("memory", [["take", [1]]])).rejects.toMatchObject(refused);
    await broker.enqueue("stored", "take", [1]);
    await engine.start();
    await broker.enqueue("memory", "take", [1]);
    expect(await broker.enqueueMany("memory", [["take", [new Map()]]])).toHaveLength(1);
  });

  it("keeps stored tasks from being run where its own tasks cannot be loaded", async () => {
    let isBroken = true;
    const load = (): Promise<ReadonlyMap<string, ReadTask>> => {
      if (!isBroken) return Promise.resolve(readTasks(TASKS));
      isBroken = false;
      return Promise.reject(new Error("There is no such module."));
    };
    const storage = await openInMemory();
    const functions = new Map([["take", {}]]);
    const registration = { topic: "stored", priority: 10, maxConcurrency: 1, maxQueueLen: 10, maxRestarts: 0 };
    await storage.turn([{ kind: "registerTopic", worker: "w1", registration, functions }], { now: 0 });
    const { engine, broker, clock } = await openInPlace(TASKS, { queues: QUEUES, storage, load });
    const id = await broker.enqueue("stored", "take", [1]);
    await expect(engine.start()).rejects.toThrow("no such module");
    await clock.settle();
    expect(await broker.status(id)).toBe("queued");
    await engine.start();
    await clock.settle();
    expect(await broker.status(id)).toBe("finished");
  });

  it("goes on while the database is locked, and is stopped with the rest", async () => {
    const memory = await openInMemory();
    let locked = false;
    const storage = new Proxy(memory, {
      get(target, property) {
        if (property === "turn" && locked) return () => Promise.reject(new StorageBusy());
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { engine, broker, clock } = await started(storage);
    await clock.settle();
    locked = true;
    const refused = expect(broker.enqueue("stored", "take", [1])).rejects.toMatchObject({
      code: "DATABASE_UNAVAILABLE",
    });
    expect(await broker.result(await broker.enqueue("memory", "take", [1]))).toBe("1");
    await clock.advance(6_000);
    await refused;
    locked = false;
    await clock.advance(1_000);
    const stopped = engine.stop();
    await clock.advance(1_000);
    await stopped;
    await expect(broker.enqueue("memory", "take", [1])).rejects.toMatchObject({ code: "STOPPED" });
  });

  it("can be aborted, and has a dead-letter queue", async () => {
    const { broker, clock } = await started();
    const waiting = await broker.enqueue("memory", "wait", []);
    await clock.settle();
    expect(await broker.isRunning(waiting)).toBe(true);
    const aborted = broker.abort(waiting);
    await clock.settle();
    expect(await aborted).toBe(true);
    const failing = await broker.enqueue("memory", "fail", [], { maxRestarts: 0 });
    await clock.settle();
    expect(await broker.isInDlq(failing)).toBe(true);
    expect(await broker.dlq.list({ topic: "memory" })).toMatchObject([{ id: failing }]);
    expect(await broker.dlq.list({ topic: "stored" })).toEqual([]);
    expect(await broker.dlq.requeue(failing)).toBe(true);
    await clock.settle();
    expect(await broker.get(failing)).toMatchObject({ status: "in_dead_letter_queue", attempt: 1 });
    expect(await broker.dlq.discard(failing)).toBe(true);
    expect(await broker.status(failing)).toBeUndefined();
  });

  it("shares the dead-letter queue's pages with the others, newest first", async () => {
    const { broker, clock } = await started();
    const ids: string[] = [];
    for (const [index, topic] of ["stored", "memory", "memory", "stored", "memory", "stored", "stored"].entries()) {
      ids.unshift(await broker.enqueue(topic, "fail", [], { maxRestarts: 0 }));
      await clock.settle();
      // The third and the fourth enter in the same millisecond.
      await clock.advance(index === 2 ? 0 : 1);
    }
    // Of the same millisecond, the stored one comes first, as it does here.
    for (const limit of [1, 2, 3, 100]) {
      const seen: string[] = [];
      for (let page = await broker.dlq.list({ limit }); page.length > 0;) {
        seen.push(...page.map(({ id }) => id));
        page = await broker.dlq.list({ limit, after: page.at(-1)?.id ?? "" });
      }
      expect(seen).toEqual(ids);
    }
    expect(await broker.dlq.list({ after: "0190f3a4-0000-7000-8000-000000000000" })).toEqual([]);
  });

  it("refuses more than fits, and stores many or none", async () => {
    const held = gate();
    const { engine, broker, clock } = await openInPlace(
      { hold: () => held.passed },
      { queues: { memory: { persistent: false, maxConcurrency: 1, maxQueueLen: 1 } } },
    );
    await engine.start();
    const three = Array.from({ length: 3 }, () => ["hold", []] as const);
    await expect(broker.enqueueMany("memory", three)).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await broker.enqueueMany("memory", three.slice(1));
    await expect(broker.enqueue("memory", "hold", [])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    held.pass();
    await clock.settle();
  });
});
