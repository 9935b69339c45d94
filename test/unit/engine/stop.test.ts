import { describe, expect, it } from "vitest";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";
import { shared } from "../../support/shared-storage.ts";

describe("stop", () => {
  it("lets running tasks end within shutdownGrace", async () => {
    const storage = shared(await openInMemory());
    const held = gate();
    const { engine, broker, clock } = await openInPlace({ hold: () => held.passed }, { storage });
    await engine.start();
    const id = await broker.enqueue("default", "hold", []);
    await clock.settle();
    const stopping = engine.stop();
    await clock.advance(500);
    held.pass();
    await clock.settle();
    await stopping;
    expect(await storage.state(id)).toBe("finished");
    expect(await storage.workers()).toEqual([]);
  });

  it("gives the rest back, its attempt not counted and its place kept", async () => {
    const storage = shared(await openInMemory());
    const obey = (): Promise<never> =>
      new Promise((_, reject) => currentTask().signal.addEventListener("abort", () => reject(new Error("asked"))));
    const { engine, broker, clock } = await openInPlace(
      { obey },
      { storage, queues: { default: { maxConcurrency: 1 } } },
    );
    await engine.start();
    const id = await broker.enqueue("default", "obey", []);
    const next = await broker.enqueue("default", "obey", []);
    await clock.settle();
    const stopping = engine.stop();
    await clock.advance(1_000);
    await stopping;
    expect(await storage.get(id)).toMatchObject({ state: "ready", attempt: 0, failures: [] });
    const ran: string[] = [];
    const second = await openInPlace(
      { obey: () => void ran.push(currentTask().id) },
      { storage, queues: { default: { maxConcurrency: 1 } } },
    );
    await second.engine.start();
    await second.clock.settle();
    expect(ran).toEqual([id, next]);
  });

  it("records what returns after its signal, and gives back what rejects, whatever it throws", async () => {
    const storage = shared(await openInMemory());
    const asked = (): Promise<unknown> =>
      new Promise((resolve) => currentTask().signal.addEventListener("abort", () => resolve(undefined)));
    const { engine, broker, clock, events } = await openInPlace(
      {
        returns: () => asked().then(() => "tidied up"),
        throws: () => asked().then(() => Promise.reject(new TypeError("no such property"))),
      },
      { storage },
    );
    await engine.start();
    const returned = await broker.enqueue("default", "returns", [], { maxRestarts: 0 });
    const threw = await broker.enqueue("default", "throws", [], { maxRestarts: 0 });
    await clock.settle();
    const stopping = engine.stop();
    await clock.advance(1_000);
    await stopping;
    expect(await storage.get(returned)).toMatchObject({ state: "finished", attempt: 1, result: '"tidied up"' });
    expect(await storage.get(threw)).toMatchObject({ state: "ready", attempt: 0, failures: [] });
    expect(events.map(({ name }) => name)).toEqual(["started", "started", "finished"]);
  });

  it("counts a timeout that comes before its signal, and none that comes after it", async () => {
    const storage = shared(await openInMemory());
    const { engine, broker, clock } = await openInPlace(
      { ignore: () => new Promise(() => {}) },
      { storage, queues: { default: { shutdownGraceMs: 2_000, abortGraceMs: 1_000, maxBackoffMs: 0 } } },
    );
    await engine.start();
    const overdue = await broker.enqueue("default", "ignore", [], { timeout: 500 });
    const late = await broker.enqueue("default", "ignore", [], { timeout: 2_500 });
    await clock.settle();
    const stopping = engine.stop();
    await clock.advance(4_000);
    await stopping;
    expect(await storage.get(overdue)).toMatchObject({
      state: "ready",
      attempt: 1,
      failures: [{ code: "TASK_TIMEOUT" }],
    });
    expect(await storage.get(late)).toMatchObject({ state: "ready", attempt: 0, failures: [] });
  });

  it("answers what is under way and refuses what comes after", async () => {
    const { engine, broker, clock } = await openInPlace({ run: () => 1 });
    await engine.start();
    const underWay = broker.enqueue("default", "run", []);
    const stopping = engine.stop();
    await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "STOPPED" });
    await clock.advance(1_000);
    await expect(underWay).resolves.toMatch(/^[0-9a-f-]{36}$/);
    await stopping;
    await expect(broker.status("0190f3a4-0000-7000-8000-000000000000")).rejects.toMatchObject({ code: "STOPPED" });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["without a worker", false],
    ["with a worker of its own", true],
  ])("rejects an abort that waits, in an Engine %s, for the end of a task elsewhere", async (_, isStarted) => {
    const storage = shared(await openInMemory());
    const held = gate();
    const runs = await openInPlace({ ignore: () => held.passed }, { storage });
    await runs.engine.start();
    const id = await runs.broker.enqueue("default", "ignore", [], { abortGrace: "1h" });
    await runs.clock.settle();
    const waits = await openInPlace({ ignore: () => held.passed }, { storage, settings: { instance: "other" } });
    if (isStarted) await waits.engine.start();
    const answer = expect(waits.broker.abort(id)).rejects.toMatchObject({ code: "STOPPED" });
    await waits.clock.settle();
    const stopping = waits.engine.stop();
    await waits.clock.advance(1_000);
    await answer;
    await stopping;
    expect(waits.clock.pendingTimers).toBe(0);
    expect(await storage.state(id)).toBe("running");
    held.pass();
    await runs.clock.settle();
  });

  it("is the same stop however often it is called", async () => {
    const { engine, clock } = await openInPlace({ run: () => 1 });
    await engine.start();
    const both = Promise.all([engine.stop(), engine.stop()]);
    await clock.advance(10);
    await both;
  });

  it("gives up a start whose tasks take for ever to load", async () => {
    const { engine, clock } = await openInPlace({ run: () => 1 }, { load: () => new Promise(() => {}) });
    const starting = expect(engine.start()).rejects.toMatchObject({ code: "STOPPED" });
    await clock.settle();
    const stopping = engine.stop();
    await clock.settle();
    await starting;
    await stopping;
  });

  it("does not wait until all is pruned", async () => {
    const memory = await openInMemory();
    const turn = memory.turn.bind(memory);
    const pruned = gate();
    let prunings = 0;
    memory.turn = (operations, time) => {
      prunings += operations.filter(({ kind }) => kind === "prune").length;
      if (prunings > 0) pruned.pass();
      return turn(operations, time);
    };
    const ids = Array.from({ length: 5_000 }, (_, index) => `${index}`);
    const task = { topic: "default", function: "run", args: "[]", priority: 10, options: {}, maxQueueLen: Infinity };
    await turn([{ kind: "enqueueMany", tasks: ids.map((id) => ({ ...task, id })) }], { now: 0 });
    await turn(
      ids.map((id) => ({ kind: "abort", id }) as const),
      { now: 0 },
    );
    const { engine, clock } = await openInPlace({ run: () => 1 }, { storage: memory });
    await engine.start();
    const advanced = clock.advance(60_000);
    await pruned.passed;
    const stopped = engine.stop();
    await advanced;
    await stopped;
    expect(prunings).toBeLessThan(3);
  });
});
