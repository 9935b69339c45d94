import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { type InPlace, type InPlaceOptions, openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";
import { shared } from "../../support/shared-storage.ts";

const NOBODY = "0190f3a4-0000-7000-8000-000000000000";

async function start<Tasks extends Record<string, (...args: never[]) => unknown>>(
  tasks: Tasks,
  options?: InPlaceOptions,
): Promise<InPlace<Tasks>> {
  const inPlace = await openInPlace(tasks, options);
  await inPlace.engine.start();
  return inPlace;
}

describe("broker.result", () => {
  it("waits for the end and resolves with what the handler returned", async () => {
    const held = gate();
    const { broker, clock } = await start({ sum: (a: number, b: number) => held.passed.then(() => ({ sum: a + b })) });
    const id = await broker.enqueue("default", "sum", [1, 2]);
    const both = Promise.all([broker.result(id), broker.result(id.toUpperCase())]);
    await clock.settle();
    held.pass();
    expect(await both).toEqual([{ sum: 3 }, { sum: 3 }]);
    expect(await broker.result(id)).toEqual({ sum: 3 });
    expect(await broker.get(id)).toMatchObject({ status: "finished", result: { sum: 3 } });
  });

  it("resolves with undefined where nothing was returned, or what JSON does not carry", async () => {
    const { broker } = await start({ nothing: () => {}, map: () => new Map() });
    expect(await broker.result(await broker.enqueue("default", "nothing", []))).toBeUndefined();
    expect(await broker.result(await broker.enqueue("default", "map", []))).toBeUndefined();
  });

  it("waits through restarts, and keeps the last progress", async () => {
    const { broker, clock } = await start({
      third() {
        const { attempt, progress } = currentTask();
        progress(attempt / 4);
        if (attempt < 3) throw new Error("not yet");
        return attempt;
      },
    });
    const id = await broker.enqueue("default", "third", []);
    const result = broker.result(id);
    await clock.advance(60_000);
    expect(await result).toBe(3);
    expect(await broker.get(id)).toMatchObject({ progress: 0.75, result: 3 });
  });

  it("rejects with the last failure of a task in the dead-letter queue", async () => {
    const { broker, clock } = await start({
      fail() {
        throw new Error(`attempt ${currentTask().attempt}`);
      },
    });
    const id = await broker.enqueue("default", "fail", [], { maxRestarts: 1, maxBackoff: 0 });
    await expect(broker.result(id)).rejects.toMatchObject({
      name: "Stage3Error",
      code: "TASK_FAILED",
      message: "attempt 2",
      cause: { stack: expect.stringContaining("results.test") },
    });
    await broker.dlq.requeue(id);
    const again = broker.result(id);
    again.catch(() => undefined);
    await clock.settle();
    await expect(again).rejects.toMatchObject({ code: "TASK_FAILED" });
  });

  it("rejects for an aborted task, whether it waited or ran", async () => {
    const { broker, clock } = await start(
      { run: () => new Promise((_, reject) => currentTask().signal.addEventListener("abort", reject)) },
      { queues: { default: { maxConcurrency: 1 } } },
    );
    const running = await broker.enqueue("default", "run", []);
    const queued = await broker.enqueue("default", "run", []);
    const refused = [running, queued].map((id) =>
      expect(broker.result(id)).rejects.toMatchObject({ code: "TASK_ABORTED" }),
    );
    await clock.settle();
    expect(await broker.abort(queued)).toBe(true);
    const aborted = broker.abort(running);
    await clock.settle();
    expect(await aborted).toBe(true);
    await Promise.all(refused);
  });

  it("rejects for a task that does not exist, or is discarded", async () => {
    const { broker } = await start({ run: () => 1 });
    for (const id of [NOBODY, "no id"])
      await expect(broker.result(id)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it.each<unknown>([1n, { toJSON: () => 1n }, undefined])("rejects so for what is no text either", async (id) => {
    const { broker } = await start({ run: () => 1 });
    await expect(broker.result(id as string)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("names an id that is too long for a message only in part", async () => {
    const { broker } = await start({ run: () => 1 });
    const refused = { code: "TASK_NOT_FOUND", message: expect.stringMatching(/^.{1,200}$/u) as unknown };
    await expect(broker.result("x".repeat(10_000))).rejects.toMatchObject(refused);
  });

  it("gives up after its timeout, and the task goes on", async () => {
    const held = gate();
    const { broker, clock } = await start({ slow: () => held.passed.then(() => "done") });
    const id = await broker.enqueue("default", "slow", []);
    const refused = expect(broker.result(id, { timeout: "2s" })).rejects.toMatchObject({ code: "RESULT_TIMEOUT" });
    await clock.advance(1_999);
    expect(await broker.isRunning(id)).toBe(true);
    await clock.advance(1);
    await refused;
    held.pass();
    expect(await broker.result(id, { timeout: "2s" })).toBe("done");
  });

  it("gives up when its signal is aborted, before or while it waits", async () => {
    const held = gate();
    const { broker, clock } = await start({ slow: () => held.passed });
    const id = await broker.enqueue("default", "slow", []);
    const reason = new Error("the caller left");
    await expect(broker.result(id, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const refused = expect(broker.result(id, { signal: abort.signal })).rejects.toBe(reason);
    await clock.settle();
    abort.abort(reason);
    await refused;
    held.pass();
    await clock.settle();
  });

  it("refuses options that it does not know", async () => {
    const { broker } = await start({ run: () => 1 });
    const id = await broker.enqueue("default", "run", []);
    for (const options of [{ timeOut: 5 }, { timeout: "soon" }, { signal: new AbortController() }]) {
      await expect(broker.result(id, options as object)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });

  it("rejects with STOPPED when the instance stops meanwhile", async () => {
    const { engine, broker, clock } = await openInPlace({ run: () => 1 });
    const id = await broker.enqueue("default", "run", []);
    const refused = expect(broker.result(id)).rejects.toMatchObject({ code: "STOPPED" });
    await clock.settle();
    await engine.stop();
    await refused;
  });

  it("learns of an end that a rescue brings about", async () => {
    const storage = await openInMemory();
    const dead = {
      id: "dead",
      heartbeat: 0,
      leaseMs: 30_000,
      process: { bootId: "", pidNamespace: "", pid: 2, startTime: "" },
    };
    await storage.turn([{ kind: "registerWorker", worker: dead }], { now: 0 });
    const functions = new Map([["run", { maxRestarts: 0 }]]);
    const { broker, clock, engine } = await openInPlace({ run: () => 1 }, { storage: shared(storage) });
    const id = await broker.enqueue("default", "run", []);
    await storage.turn([{ kind: "claim", topic: "default", worker: "dead", limit: 1, functions }], { now: 0 });
    const refused = expect(broker.result(id)).rejects.toMatchObject({ code: "WORKER_DIED" });
    const started = engine.start();
    await clock.advance(40_000);
    await started;
    await refused;
  });

  it("asks a storage that nobody shares only once, however long the wait", async () => {
    const memory = await openInMemory();
    let reads = 0;
    const counting = new Proxy(memory, {
      get(target, property) {
        if (property === "get" || property === "state" || property === "changedElsewhere") reads += 1;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const held = gate();
    const { broker, clock } = await start({ slow: () => held.passed.then(() => 1) }, { storage: counting });
    const id = await broker.enqueue("default", "slow", []);
    reads = 0;
    const result = broker.result(id);
    await clock.advance(5_000);
    expect(reads).toBe(1);
    held.pass();
    expect(await result).toBe(1);
    expect(reads).toBe(2);
  });
});
