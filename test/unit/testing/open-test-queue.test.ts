import { threadId } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { currentTask, type InMemory, task } from "../../../src/tasks.ts";
import { openTestQueue, type TestQueueOptions } from "../../../src/testing.ts";
import type { TaskHandlers } from "../../../src/tasks.ts";
import { gate } from "../../support/gate.ts";
import { openTest } from "./open-test.ts";

const moduleUrl = new URL("../../fixtures/where-tasks.ts", import.meta.url);
const run = { run: () => currentTask().id };

describe("the options", () => {
  it("may be those of the application; where and how it runs has no effect", async () => {
    const stage3 = await openTest({
      database: "sqlite:no/such/folder.db",
      durability: "process-crash",
      lease: "1s",
      tasks: { run: task({ isolation: "process" }, () => process.pid) },
      queues: { default: { isolation: "process", maxRestarts: 2 } },
    });
    await stage3.broker.enqueue("default", "run", []);
    expect((await stage3.drain()).finished).toMatchObject([{ result: process.pid, maxRestarts: 2 }]);
  });

  it.each<[string, unknown, RegExp]>([
    ["an unknown one", { topics: {} }, /topics is an unknown option of an instance/u],
    ["an unknown one of a queue", { queues: { default: { maxRestart: 1 } } }, /did you mean maxRestarts/u],
    ["a wrong isolation", { queues: { default: { isolation: "fork" } } }, /queues.default.isolation must be/u],
    ["a wrong database", { database: "mysql:x" }, /database/u],
    ["tasks of a queue that are none", { queues: { default: { tasks: "./tasks.ts" } } }, /write new URL/u],
    ["queues that are none", { queues: [] }, /queues must be an object/u],
    ["a queue that is none", { queues: { default: 1 } }, /queues.default must be an object/u],
    ["a time that is none", { now: new Date("never") }, /now must be a Date/u],
    ["a seed that is none", { seed: 0.5 }, /seed must be a whole number/u],
    ["tasks that are none", { tasks: { run: 4 } }, /is not a function/u],
    ["a module that is not there", { tasks: new URL("./nowhere.ts", import.meta.url) }, /cannot be imported/u],
  ])("are refused: %s", async (_, options, message) => {
    await expect(openTestQueue(options as TestQueueOptions)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(message),
    });
  });

  it("of topics and functions are those of production", async () => {
    const stage3 = await openTest<TaskHandlers>({ tasks: run, queues: { emails: {} } });
    await expect(stage3.broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
    await expect(stage3.broker.enqueue("emails", "walk", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
    await expect(stage3.broker.enqueue("emails", "run", [new Date()])).rejects.toMatchObject({ code: "INVALID_ARGS" });
  });
});

describe("the tasks", () => {
  it("may be a module, which is imported into this thread", async () => {
    const stage3 = await openTest<TaskHandlers>({ tasks: moduleUrl, queues: { default: {} } });
    await stage3.broker.enqueue("default", "where", []);
    expect((await stage3.drain()).finished).toMatchObject([{ result: { pid: process.pid, threadId } }]);
  });

  it("may be others for one queue", async () => {
    const stage3 = await openTest<TaskHandlers>({
      tasks: { which: () => "the instance's" },
      queues: { default: {}, special: { isolation: "process", tasks: { which: () => "the queue's" } } },
    });
    await stage3.broker.enqueue("default", "which", []);
    await stage3.broker.enqueue("special", "which", []);
    expect((await stage3.drain()).finished.map(({ result }) => result)).toEqual(["the instance's", "the queue's"]);
  });
});

describe("chance", () => {
  const idsOf = async (seed?: number): Promise<unknown> => {
    const stage3 = await openTest({ tasks: run, seed });
    return stage3.broker.enqueue("default", "run", []);
  };

  it("is the same with the same seed", async () => {
    expect(await idsOf()).toBe(await idsOf(1));
    expect(await idsOf(2)).not.toBe(await idsOf(1));
  });
});

describe("the broker", () => {
  it("aborts, and knows the dead-letter queue, as in production", async () => {
    const stage3 = await openTest({ tasks: { fail: () => Promise.reject(new Error("no luck")) } });
    const { broker } = stage3;
    const aborted = await broker.enqueue("default", "fail", []);
    expect(await broker.abort(aborted)).toBe(true);
    const dead = await broker.enqueue("default", "fail", [], { maxRestarts: 0 });
    expect((await stage3.drain()).attempts).toBe(1);
    expect((await broker.dlq.list()).map(({ id }) => id)).toEqual([dead]);
    expect(await broker.dlq.requeue(dead)).toBe(true);
    await stage3.settle();
    expect(await broker.status(dead)).toBe("queued");
    expect((await stage3.drain()).inDeadLetterQueue).toMatchObject([{ id: dead }]);
    expect(stage3.enqueued()).toHaveLength(2);
  });

  it("enqueues many tasks at once, which are told one by one", async () => {
    const ran: string[] = [];
    const stage3 = await openTest({
      tasks: { run: (name: string) => void ran.push(name) },
      queues: { default: { maxQueueLen: 2 } },
    });
    const ids = await stage3.broker.enqueueMany("default", [
      ["run", ["a"]],
      ["run", ["b"], { priority: 1 }],
    ]);
    await expect(
      stage3.broker.enqueueMany("default", [
        ["run", ["c"]],
        ["run", ["d"]],
      ]),
    ).rejects.toMatchObject({
      code: "QUEUE_FULL",
    });
    expect(stage3.enqueued().map(({ id }) => id)).toEqual(ids);
    stage3.expectEnqueued("default", "run", ["b"], { priority: 1 });
    await stage3.drain();
    expect(ran).toEqual(["b", "a"]);
  });

  it("answers results on the queue's clock", async () => {
    const open = gate();
    const stage3 = await openTest({ tasks: { double: (n: number) => 2 * n, hang: () => open.passed } });
    const { broker } = stage3;
    const result = expect(broker.result(await broker.enqueue("default", "double", [4]))).resolves.toBe(8);
    const hanging = broker.result(await broker.enqueue("default", "hang", []), { timeout: "2h" });
    const late = expect(hanging).rejects.toMatchObject({ code: "RESULT_TIMEOUT" });
    await stage3.advance("2h");
    await Promise.all([result, late]);
    open.pass();
  });

  it("has queues in memory, with whatever arguments they carry", async () => {
    const stage3 = await openTest({
      tasks: { run: (at: InMemory<Date>) => at.getTime() },
      queues: { quick: { persistent: false } },
    });
    await stage3.broker.enqueue("quick", "run", [new Date(5)]);
    stage3.expectEnqueued("quick", "run", [new Date(5)]);
    stage3.expectNotEnqueued("quick", "run", [new Date(6)]);
    expect((await stage3.drain()).finished).toMatchObject([{ args: [new Date(5)], result: 5 }]);
  });

  it("has results as JSON makes them, as in production", async () => {
    const tasks = { save: () => ({ at: new Date(0), note: undefined, url: new URL("http://localhost/") }) };
    const stage3 = await openTest({ tasks, queues: { default: {}, quick: { persistent: false } } });
    await stage3.start();
    for (const topic of ["default", "quick"]) {
      const result = await stage3.broker.result(await stage3.broker.enqueue(topic, "save", []));
      const at: string = result.at;
      expect(at).toBe("1970-01-01T00:00:00.000Z");
      expect(result).toEqual({ at, url: "http://localhost/" });
    }
  });

  it("tells events as in production", async () => {
    const stage3 = await openTest({ tasks: { talk: () => currentTask().log("hello", { loud: true }) } });
    const logs: unknown[] = [];
    stage3.events.on("log", ({ message, fields }) => void logs.push([message, fields]));
    await stage3.broker.enqueue("default", "talk", []);
    await stage3.drain();
    expect(logs).toEqual([["hello", { loud: true }]]);
  });
});

describe("a warning that nobody listens to", () => {
  const warned: (string | undefined)[] = [];
  const listener = (warning: Error & { code?: string }): void => void warned.push(warning.code);
  afterEach(() => void process.off("warning", listener));

  it("becomes one of the process's own, as in production", async () => {
    process.on("warning", listener);
    const stage3 = await openTest({ tasks: { at: () => 1n } });
    await stage3.broker.enqueue("default", "at", []);
    await stage3.drain();
    await stage3.settle();
    expect(warned).toEqual(["RESULT_DROPPED"]);
  });
});
