import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

const QUEUES = { default: { maxConcurrency: 3, maxQueueLen: 2 } };

describe("broker.enqueueMany", () => {
  it("stores all in their order, each with its own options, and answers with their ids", async () => {
    const ran: unknown[] = [];
    const run = (label: string): void => void ran.push([label, currentTask().id]);
    const { engine, broker, clock } = await openInPlace({ run }, { queues: { default: { maxConcurrency: 1 } } });
    const ids = await broker.enqueueMany("default", [
      ["run", ["last"]],
      ["run", ["first"], { priority: 1 }],
      ["run", ["then"], { priority: 2, maxRestarts: 0 }],
    ]);
    expect(ids).toEqual(ids.toSorted());
    expect(await broker.get(ids[2])).toMatchObject({ priority: 2, maxRestarts: 0, args: ["then"] });
    await engine.start();
    await clock.settle();
    expect(ran).toEqual([
      ["first", ids[1]],
      ["then", ids[2]],
      ["last", ids[0]],
    ]);
    expect(await broker.enqueueMany("default", [])).toEqual([]);
  });

  it("fills the free slots and the queue, as one by one would", async () => {
    const held = gate();
    const { engine, broker, clock } = await openInPlace({ run: () => held.passed }, { queues: QUEUES });
    await engine.start();
    const tasks = Array.from({ length: 6 }, () => ["run", []] as const);
    await expect(broker.enqueueMany("default", tasks)).rejects.toMatchObject({
      code: "QUEUE_FULL",
      message: expect.stringMatching(/^tasks\[5\]: Queue reached its max capacity of 2 elements\. So many/u) as string,
    });
    expect(await broker.queues()).toMatchObject([{ queued: 0, running: 0 }]);
    const ids = await broker.enqueueMany("default", tasks.slice(1));
    expect(await Promise.all(ids.map((id) => broker.status(id)))).toEqual([
      "running",
      "running",
      "running",
      "queued",
      "queued",
    ]);
    held.pass();
    await clock.settle();
    expect(await broker.queues()).toMatchObject([{ finished: 5 }]);
  });

  it.each([
    [["missing", []], "FUNCTION_NOT_FOUND", /^tasks\[1\]: Function "missing"/],
    [["run", [new Date(0)]], "INVALID_ARGS", /^tasks\[1\]: args\[0\] /],
    [["run", ["x".repeat(1024 * 1024)]], "INVALID_ARGS", /^tasks\[1\]: /],
    [["run", [], { priority: 11 }], "INVALID_PRIORITY", /^tasks\[1\]: /],
    [["run", [], { timeOut: 5 }], "INVALID_OPTION", /^tasks\[1\]: timeOut /],
    [["run"], "INVALID_ARGS", /^tasks\[1\] must be an array/],
    ["run", "INVALID_ARGS", /^tasks\[1\] must be an array/],
    [[1, []], "INVALID_ARGS", /^tasks\[1\] must be an array/],
    [null, "INVALID_ARGS", /^tasks\[1\] must be an array/],
  ])("stores none and names the index where one is %j", async (entry, code, message) => {
    const { broker } = await openInPlace({ run: () => 1 });
    const tasks = [["run", []], entry, ["run", []]] as never;
    await expect(broker.enqueueMany("default", tasks)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    const error: unknown = await broker.enqueueMany("default", tasks).catch((thrown: unknown) => thrown);
    expect(Object.hasOwn(error as Error, "cause")).toBe(false);
    await expect(broker.enqueueMany("default", "run" as never)).rejects.toMatchObject({ code: "INVALID_ARGS" });
    const id = await broker.enqueue("default", "run", []);
    expect(await broker.status(id)).toBe("queued");
    expect((await broker.enqueueMany("default", [["run", []]])).length).toBe(1);
  });

  it("refuses an unknown topic, and more than one call takes", async () => {
    const { broker } = await openInPlace({ run: (label: string) => label });
    await expect(broker.enqueueMany("unknown", [["run", ["x"]]])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
    const tooMany = Array.from({ length: 10_001 }, () => ["run", ["x"]] as const);
    await expect(broker.enqueueMany("default", tooMany)).rejects.toMatchObject({ code: "INVALID_ARGS" });
    const large = "x".repeat(1_000_000);
    const tooLarge = Array.from({ length: 34 }, () => ["run", [large]] as const);
    await expect(broker.enqueueMany("default", tooLarge)).rejects.toMatchObject({
      code: "INVALID_ARGS",
      message: expect.stringContaining("tasks[33]"),
    });
  });
});
