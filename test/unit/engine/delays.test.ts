import { describe, expect, test } from "vitest";
import { currentTask, task, type TaskHandlers } from "../../../src/tasks.ts";
import { openTestQueue } from "../../../src/testing.ts";

const YEAR_MS = 365 * 86_400_000;

describe("a task that starts later", () => {
  test("waits for its delay, and counts for nothing until then", async () => {
    await using queue = await openTestQueue({ tasks: { run: () => {} }, queues: { default: { maxQueueLen: 1 } } });
    const { broker } = queue;
    const ids = await broker.enqueueMany(
      "default",
      Array.from({ length: 30 }, () => ["run", [], { delay: "10m" }] as const),
    );
    await queue.advance("9m");
    expect(await broker.queues()).toMatchObject([{ queued: 30, delayed: 30 }]);
    await queue.advance("1m");
    await queue.drain();
    expect(await Promise.all(ids.map((id) => broker.status(id)))).toEqual(ids.map(() => "finished"));
  });

  test("starts at its time, and tells of it before", async () => {
    await using queue = await openTestQueue({ tasks: { run: () => {} } });
    const { broker, now } = queue;
    const [inAnHour, inYears] = [3_600_000, 100 * YEAR_MS].map((ms) => new Date(now.getTime() + ms));
    const soon = await broker.enqueue("default", "run", [], { runAt: inAnHour ?? now });
    const late = await broker.enqueue("default", "run", [], { runAt: inYears?.toISOString() ?? "" });
    expect(await broker.get(soon)).toMatchObject({ status: "queued", runAt: inAnHour });
    await queue.advance(3_600_000 - 1);
    expect(await broker.status(soon)).toBe("queued");
    await queue.advance(1);
    expect(await broker.get(soon)).toMatchObject({ status: "finished", startedAt: inAnHour });
    expect(await broker.get(late)).toMatchObject({ status: "queued", runAt: inYears });
  });

  test("starts at once where its time has passed", async () => {
    await using queue = await openTestQueue({ tasks: { run: () => {} } });
    const id = await queue.broker.enqueue("default", "run", [], { runAt: new Date(0) });
    await queue.drain();
    expect(await queue.broker.status(id)).toBe("finished");
  });

  test("can be aborted before", async () => {
    await using queue = await openTestQueue({ tasks: { run: () => {} } });
    const id = await queue.broker.enqueue("default", "run", [], { delay: "1d" });
    expect(await queue.broker.abort(id)).toBe(true);
    expect(await queue.broker.status(id)).toBe("aborted");
  });
});

describe("a task that expires", () => {
  const tasks: TaskHandlers = {
    run: () => {},
    soon: task({ expires: "10s" }, () => {}),
    hang: () => new Promise<void>((resolve) => currentTask().signal.addEventListener("abort", () => resolve())),
  };

  test.each([
    ["run", {}, 60_000],
    ["soon", {}, 10_000],
    ["soon", { expires: "5s" }, 5_000],
    ["run", { expires: "5s", delay: "1m" }, 65_000],
    ["run", { expires: "5s", runAt: new Date(0) }, 5_000],
  ] as const)("%s with %j ends as aborted after %d ms", async (name, options, afterMs) => {
    await using queue = await openTestQueue({ tasks, queues: { default: { expires: "1m", maxConcurrency: 1 } } });
    const { broker } = queue;
    const holder = await broker.enqueue("default", "hang", []);
    await queue.advance(0);
    const id = await broker.enqueue("default", name, [], options);
    await queue.advance(afterMs - 1);
    expect(await broker.status(id)).toBe("queued");
    await queue.advance(1);
    expect(await broker.get(id)).toMatchObject({ status: "aborted", failures: [{ code: "TASK_EXPIRED" }] });
    expect(await broker.status(holder)).toBe("running");
    await broker.abort(holder);
  });

  test("is not affected once it has started", async () => {
    await using queue = await openTestQueue({ tasks });
    const id = await queue.broker.enqueue("default", "hang", [], { expires: "5s" });
    await queue.advance("1h");
    expect(await queue.broker.status(id)).toBe("running");
    await queue.broker.abort(id);
  });
});
