import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

describe("a task's way through the engine", () => {
  it("runs what was enqueued and keeps its result", async () => {
    const { engine, broker, clock } = await openInPlace({ add: (a: number, b: number) => a + b });
    await engine.start();
    const id = await broker.enqueue("default", "add", [1, 2]);
    await clock.settle();
    expect(await broker.get(id)).toMatchObject({ status: "finished", attempt: 1, result: 3, failures: [] });
  });

  it("waits as queued until the engine is started", async () => {
    const { engine, broker, clock } = await openInPlace({ add: (a: number, b: number) => a + b });
    const id = await broker.enqueue("default", "add", [1, 2]);
    await clock.settle();
    expect(await broker.status(id)).toBe("queued");
    await engine.start();
    await clock.settle();
    expect(await broker.status(id)).toBe("finished");
  });

  it("starts again with backoff, then buries the task with every failure", async () => {
    const { engine, broker, clock } = await openInPlace(
      { fail: () => Promise.reject(new Error("no luck")) },
      { queues: { default: { maxRestarts: 2 } } },
    );
    await engine.start();
    const id = await broker.enqueue("default", "fail", []);
    await clock.settle();
    expect(await broker.get(id)).toMatchObject({ status: "queued", attempt: 1 });
    await clock.advance(1_999);
    expect((await broker.get(id))?.attempt).toBe(1);
    await clock.advance(101);
    expect((await broker.get(id))?.attempt).toBe(2);
    await clock.advance(4_100);
    const task = await broker.get(id);
    expect(task).toMatchObject({ status: "in_dead_letter_queue", attempt: 3, maxRestarts: 2 });
    expect(task?.failures.map(({ attempt, code, message }) => [attempt, code, message])).toEqual([
      [1, "TASK_FAILED", "no luck"],
      [2, "TASK_FAILED", "no luck"],
      [3, "TASK_FAILED", "no luck"],
    ]);
  });

  it("restarts at once where the backoff is 0", async () => {
    let runs = 0;
    const { engine, broker, clock } = await openInPlace({
      fail() {
        runs += 1;
        throw new Error("no luck");
      },
    });
    await engine.start();
    const id = await broker.enqueue("default", "fail", [], { maxBackoff: 0, maxRestarts: 3 });
    await clock.settle();
    expect(await broker.isInDlq(id)).toBe(true);
    expect(runs).toBe(4);
  });

  it("runs a requeued task again, counting from 0 and keeping its failures", async () => {
    let fails = true;
    const { engine, broker, clock } = await openInPlace({
      moody() {
        if (fails) throw new Error("not now");
      },
    });
    await engine.start();
    const id = await broker.enqueue("default", "moody", [], { maxRestarts: 0 });
    await clock.settle();
    expect(await broker.isInDlq(id)).toBe(true);
    fails = false;
    expect(await broker.dlq.requeue(id)).toBe(true);
    expect(await broker.dlq.requeue(id)).toBe(false);
    await clock.settle();
    const task = await broker.get(id);
    expect(task).toMatchObject({ status: "finished", attempt: 1 });
    expect(task?.failures).toHaveLength(1);
  });

  it("fails an attempt that runs longer than its timeout", async () => {
    const { engine, broker, clock } = await openInPlace({
      wait: () => new Promise((_, reject) => currentTask().signal.addEventListener("abort", () => reject(new Error()))),
    });
    await engine.start();
    const id = await broker.enqueue("default", "wait", [], { timeout: "5s", maxRestarts: 0 });
    await clock.advance(4_999);
    expect(await broker.status(id)).toBe("running");
    await clock.advance(1);
    expect(await broker.get(id)).toMatchObject({
      status: "in_dead_letter_queue",
      failures: [{ code: "TASK_TIMEOUT", attempt: 1 }],
    });
  });

  it("keeps the last progress value and passes logs on as events", async () => {
    const { engine, broker, clock, events } = await openInPlace({
      talk() {
        const { progress, log } = currentTask();
        for (const value of [0.1, 0.5, 0.75]) progress(value);
        log("half way", { step: 2 });
      },
    });
    await engine.start();
    const id = await broker.enqueue("default", "talk", []);
    await clock.settle();
    expect((await broker.get(id))?.progress).toBe(0.75);
    expect(events).toContainEqual(
      expect.objectContaining({ name: "log", taskId: id, message: "half way", fields: { step: 2 } }),
    );
  });

  it("never runs more tasks of a topic at once than its limit", async () => {
    const open = gate();
    let running = 0;
    let most = 0;
    const { engine, broker, clock } = await openInPlace(
      {
        async hold() {
          running += 1;
          most = Math.max(most, running);
          await open.passed;
          running -= 1;
        },
      },
      { queues: { default: { maxConcurrency: 3 } } },
    );
    await engine.start();
    const ids = await Promise.all(Array.from({ length: 20 }, () => broker.enqueue("default", "hold", [])));
    await clock.settle();
    expect(running).toBe(3);
    open.pass();
    await clock.settle();
    expect(most).toBe(3);
    expect(await Promise.all(ids.map((id) => broker.status(id)))).toEqual(ids.map(() => "finished"));
  });
});
