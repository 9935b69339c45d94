import { AssertionError } from "node:assert";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { gate } from "../../support/gate.ts";
import { openTest } from "./open-test.ts";

describe("before anything is asked for", () => {
  it("nothing runs", async () => {
    const ran: string[] = [];
    const stage3 = await openTest({ tasks: { run: (name: string) => void ran.push(name) } });
    const id = await stage3.broker.enqueue("default", "run", ["a"]);
    await stage3.settle();
    expect(await stage3.broker.status(id)).toBe("queued");
    expect(ran).toEqual([]);
  });

  it("as many tasks wait as in an instance that is not started", async () => {
    const stage3 = await openTest({
      tasks: { run() {} },
      queues: { default: { maxConcurrency: 10, maxQueueLen: 2 } },
    });
    await stage3.broker.enqueue("default", "run", []);
    await stage3.broker.enqueue("default", "run", []);
    await expect(stage3.broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await stage3.drain();
    await stage3.broker.enqueue("default", "run", []);
    await stage3.broker.enqueue("default", "run", []);
    await expect(stage3.broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "QUEUE_FULL" });
  });
});

describe("drain", () => {
  it("runs what is queued, by priority, and tells how each task ended", async () => {
    const ran: string[] = [];
    const stage3 = await openTest({
      tasks: {
        run(name: string) {
          ran.push(name);
          return name.length;
        },
        fail() {
          throw new Error("no luck");
        },
      },
      queues: { default: { maxConcurrency: 1 } },
    });
    await stage3.broker.enqueue("default", "run", ["late"]);
    const urgent = await stage3.broker.enqueue("default", "run", ["first"], { priority: 1 });
    const bad = await stage3.broker.enqueue("default", "fail", [], { maxRestarts: 0 });
    const drained = await stage3.drain();
    expect(ran).toEqual(["first", "late"]);
    expect(drained.attempts).toBe(3);
    expect(drained.finished.map(({ args, result }) => [args, result])).toEqual([
      [["first"], 5],
      [["late"], 4],
    ]);
    expect(drained.finished[0]?.id).toBe(urgent);
    expect(drained.inDeadLetterQueue).toMatchObject([{ id: bad, failures: [{ message: "no luck" }] }]);
    expect(drained.restarting).toEqual([]);
    expect(drained.aborted).toEqual([]);
  });

  it("runs what handlers enqueue", async () => {
    const ran: number[] = [];
    const stage3 = await openTest({
      tasks: {
        async countDown(from: number) {
          ran.push(from);
          if (from > 0) await stage3.broker.enqueue("default", "countDown", [from - 1]);
        },
      },
    });
    await stage3.broker.enqueue("default", "countDown", [3]);
    expect((await stage3.drain()).attempts).toBe(4);
    expect(ran).toEqual([3, 2, 1, 0]);
  });

  it("runs more tasks than one claim takes", async () => {
    let ran = 0;
    const stage3 = await openTest({ tasks: { run: () => void ran++ }, queues: { default: { maxQueueLen: Infinity } } });
    await Promise.all(Array.from({ length: 2_500 }, () => stage3.broker.enqueue("default", "run", [])));
    expect((await stage3.drain()).finished).toHaveLength(2_500);
    expect(ran).toBe(2_500);
  });

  it("moves the time on to each restart, and no further", async () => {
    const at: number[] = [];
    const stage3 = await openTest({
      tasks: {
        fail() {
          at.push(stage3.now.getTime());
          throw new Error("no luck");
        },
      },
      queues: { default: { maxRestarts: 2 } },
      now: 0,
    });
    const id = await stage3.broker.enqueue("default", "fail", []);
    const { attempts, inDeadLetterQueue } = await stage3.drain();
    expect(attempts).toBe(3);
    expect(inDeadLetterQueue.map((task) => task.id)).toEqual([id]);
    const [first = 0, second = 0, third = 0] = at;
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(2_000);
    expect(second).toBeLessThanOrEqual(2_100);
    expect(third - second).toBeGreaterThanOrEqual(4_000);
    expect(third - second).toBeLessThanOrEqual(4_100);
    expect(stage3.now.getTime()).toBe(third);
  });

  it("leaves restarts alone where `waiting` is false", async () => {
    let fails = true;
    const stage3 = await openTest({
      tasks: {
        moody() {
          if (fails) throw new Error("not now");
        },
      },
    });
    const id = await stage3.broker.enqueue("default", "moody", []);
    const before = stage3.now;
    const drained = await stage3.drain({ waiting: false });
    expect(drained.restarting).toMatchObject([{ id, status: "queued", failures: [{ message: "not now" }] }]);
    expect(stage3.now).toEqual(before);
    fails = false;
    expect((await stage3.drain()).finished).toMatchObject([{ id, attempt: 2 }]);
  });

  it("rejects with what a handler threw, the very same, where `rethrow` asks for it", async () => {
    const thrown = new TypeError("wrong");
    let runs = 0;
    const stage3 = await openTest({
      tasks: {
        fail() {
          runs += 1;
          throw thrown;
        },
        fine() {},
      },
    });
    await stage3.broker.enqueue("default", "fail", []);
    const fine = await stage3.broker.enqueue("default", "fine", []);
    await expect(stage3.drain({ rethrow: true })).rejects.toBe(thrown);
    expect(runs).toBe(1);
    expect(await stage3.broker.status(fine)).toBe("finished");
    // What was told is not told again.
    const { attempts } = await stage3.drain({ rethrow: true, waiting: false });
    expect(attempts).toBe(0);
  });

  it("waits in real time for handlers that wait for something else", async () => {
    const stage3 = await openTest({ tasks: { slow: (ms: number) => wait(ms, "done") } });
    await stage3.broker.enqueue("default", "slow", [30]);
    const before = stage3.now;
    expect((await stage3.drain()).finished).toMatchObject([{ result: "done" }]);
    expect(stage3.now).toEqual(before);
  });

  it("gives a handler up that does not end, and says what to do", async () => {
    const open = gate();
    const stage3 = await openTest({ tasks: { stuck: () => open.passed } });
    const id = await stage3.broker.enqueue("default", "stuck", []);
    const error: unknown = await stage3.drain({ patience: 20 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^"stuck" did not end within 20 ms of real time\..*advance/u),
    });
    expect(await stage3.broker.status(id)).toBe("running");
    open.pass();
    expect((await stage3.drain()).finished).toMatchObject([{ id }]);
  });

  it("ends where tasks enqueue each other without end", async () => {
    const stage3 = await openTest({
      tasks: {
        async again() {
          await stage3.broker.enqueue("default", "again", []);
        },
      },
    });
    await stage3.broker.enqueue("default", "again", []);
    await expect(stage3.drain({ maxAttempts: 20 })).rejects.toThrow("More than 20 attempts were started");
    await expect(stage3.advance(0, { maxAttempts: 20 })).rejects.toThrow("More than 20 attempts were started");
    expect(await stage3.drain({ maxAttempts: 5 }).catch(() => stage3.enqueued().length)).toBeLessThan(60);
  });

  it("ends where a task restarts without end", async () => {
    const stage3 = await openTest({ tasks: { fail: () => Promise.reject(new Error("no luck")) } });
    await stage3.broker.enqueue("default", "fail", [], { maxRestarts: 1_000_000, maxBackoff: "1s" });
    await expect(stage3.drain({ maxAttempts: 20 })).rejects.toThrow("More than 20 attempts were started");
  });

  it("tells of an attempt that ended between two calls", async () => {
    const open = gate();
    const stage3 = await openTest({ tasks: { held: () => open.passed } });
    const id = await stage3.broker.enqueue("default", "held", []);
    expect(await stage3.advance(0)).toMatchObject({ attempts: 1, finished: [] });
    open.pass();
    await stage3.settle();
    expect(await stage3.broker.status(id)).toBe("finished");
    expect(await stage3.drain()).toMatchObject({ attempts: 0, finished: [{ id }] });
  });

  it("works while the test's own timers are faked, also those of the handlers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "setImmediate", "Date", "queueMicrotask"] });
    onTestFinished(() => void vi.useRealTimers());
    const stage3 = await openTest({
      tasks: { later: () => new Promise((resolve) => setTimeout(resolve, 60_000, "done")) },
    });
    await stage3.broker.enqueue("default", "later", []);
    const drained = stage3.drain();
    await stage3.settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await drained).finished).toMatchObject([{ result: "done" }]);
  });

  it("refuses options that are not allowed", async () => {
    const stage3 = await openTest({ tasks: { run() {} } });
    await expect(stage3.drain({ patience: "soon" })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(stage3.drain({ maxAttempts: 0 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(stage3.advance(-1)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("a started instance", () => {
  it("runs tasks as they come, and has room for those that run", async () => {
    const open = gate();
    const stage3 = await openTest({
      tasks: { held: () => open.passed },
      queues: { default: { maxConcurrency: 1, maxQueueLen: 1 } },
    });
    await stage3.start();
    const id = await stage3.broker.enqueue("default", "held", []);
    await stage3.broker.enqueue("default", "held", []);
    await expect(stage3.broker.enqueue("default", "held", [])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(await stage3.broker.status(id)).toBe("running");
    open.pass();
    expect((await stage3.drain()).finished).toHaveLength(2);
    const later = await stage3.broker.enqueue("default", "held", []);
    await stage3.settle();
    expect(await stage3.broker.status(later)).toBe("finished");
  });

  it("starts what was enqueued before", async () => {
    const stage3 = await openTest({ tasks: { run: () => currentTask().attempt } });
    const id = await stage3.broker.enqueue("default", "run", []);
    await stage3.start();
    await stage3.settle();
    expect(await stage3.broker.get(id)).toMatchObject({ status: "finished", result: 1 });
  });
});
