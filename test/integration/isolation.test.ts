import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type QueueOptions, Stage3Queue, type Task } from "../../src/index.ts";
import { isAlive } from "../fixtures/liveness.ts";
import { moduleOf } from "../fixtures/module-of.ts";
import { linesOf, until } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TASKS = new URL("../fixtures/place-tasks.ts", import.meta.url);

interface Place {
  readonly pid: number;
  readonly thread: number;
}

async function openQueue(queue: QueueOptions): Promise<(name: string) => Promise<Task>> {
  const stage3 = await Stage3Queue.open({
    database: "memory:",
    tasks: TASKS,
    queues: { default: { maxRestarts: 0, maxConcurrency: 2, ...queue } },
  });
  onTestFinished(() => stage3.stop());
  await stage3.start();
  return async (name) => {
    const id = await stage3.broker.enqueue("default", name, []);
    return until("it has ended", async () => {
      const found = await stage3.broker.get(id);
      return found?.endedAt === undefined ? undefined : found;
    });
  };
}

test.each(["process", "thread"] as const)("a tasks module may freeze what is global: %s", async (isolation) => {
  const tasks = new URL(
    moduleOf(
      "export default { run: () => 1 }; [Object.prototype, Array.prototype, globalThis].forEach(Object.freeze);",
    ),
  );
  const run = await openQueue({ isolation, tasks });
  expect(await run("run")).toMatchObject({ status: "finished", result: 1 });
});

test.each(["process", "thread", "inline"] as const)(
  "functions run where they want to, else as the queue: %s",
  async (isolation) => {
    const run = await openQueue({ isolation });
    const placeOf = async (name: string): Promise<Place> => (await run(name)).result as Place;
    const inThread = await placeOf("inThread");
    expect(inThread.pid).toBe(process.pid);
    expect(inThread.thread).toBeGreaterThan(0);
    expect(await placeOf("inline")).toEqual({ pid: process.pid, thread: 0 });
    expect((await placeOf("inProcess")).pid).not.toBe(process.pid);
    const { pid, thread } = await placeOf("asTheQueue");
    expect(pid === process.pid).toBe(isolation !== "process");
    expect(thread > 0).toBe(isolation === "thread");
  },
);

test.each(["process", "thread"] as const)("topics of one module share what runs it: %s", async (isolation) => {
  const file = join(temporaryFolder(), "loaded");
  const module = `import { appendFileSync } from "node:fs";
    import { threadId } from "node:worker_threads";
    const place = process.pid + " " + threadId;
    appendFileSync(${JSON.stringify(file)}, place + "\\n");
    export default { run: () => place };`;
  const topics = Array.from({ length: 60 }, (_, index) => `topic ${index}`);
  const stage3 = await Stage3Queue.open({
    database: "memory:",
    tasks: new URL(moduleOf(module)),
    queues: Object.fromEntries(topics.map((topic) => [topic, { isolation }])),
  });
  onTestFinished(() => stage3.stop());
  await stage3.start();
  const loaded = linesOf(file);
  expect(loaded).toHaveLength(1);
  // The threads' spare comes with the first attempt; one attempt at a time needs no other.
  for (const topic of topics.slice(0, 3)) {
    const id = await stage3.broker.enqueue(topic, "run", []);
    expect(await stage3.broker.result(id)).toEqual(loaded[0]);
  }
});

describe("maxMemory", () => {
  test.each([
    ["inSmallThread", "The thread ran out of memory. Handle less at a time, or raise maxMemory, which is 100 MB."],
    ["inSmallProcess", "maxMemory is 200 MB"],
  ])("of a function fails its task alone (%s)", async (name, message) => {
    const run = await openQueue({ isolation: "process" });
    expect(await run(name)).toMatchObject({
      status: "in_dead_letter_queue",
      failures: [{ code: "TASK_OUT_OF_MEMORY", message: expect.stringContaining(message) as string }],
    });
    expect(await run("asTheQueue")).toMatchObject({ status: "finished", result: { thread: 0 } });
  });

  test.each(["process", "thread"] as const)(
    "of a queue holds for every function that names none (%s)",
    async (isolation) => {
      const run = await openQueue({ isolation, maxMemory: "180mb" });
      expect(await run("fillHeap")).toMatchObject({
        failures: [
          { code: "TASK_OUT_OF_MEMORY", message: expect.stringMatching(/maxMemory,? (which )?is 180 MB/) as string },
        ],
      });
      const { result } = await run("inProcess");
      expect(isAlive((result as Place).pid)).toBe(true);
    },
  );

  test("of a function that a queue runs inline makes start reject", async () => {
    await expect(openQueue({ isolation: "inline", tasks: INLINE_LIMIT })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining('task("limited").maxMemory cannot hold for what runs inline') as string,
    });
  });
});

/** As `task(policy, handler)` makes it. */
const INLINE_LIMIT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    const policy = { maxMemory: "100mb" };
    export default { limited: { [Symbol.for("stage3queue.task")]: true, policy, handler() {} } };
  `)}`,
);
