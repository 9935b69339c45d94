import { describe, expect, test } from "vitest";
import { InlineExecutor } from "../../../src/executor/inline.ts";
import { readTasks } from "../../../src/tasks/read-tasks.ts";
import { currentTask, task } from "../../../src/tasks.ts";
import { request } from "../../fixtures/requests.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

function inlineWith(functions: object): { executor: InlineExecutor; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { executor: new InlineExecutor({ load: () => readTasks(functions), clock }), clock };
}

describe("an inline handler", () => {
  test("gets its arguments and its task, and its result is kept", async () => {
    const { executor } = inlineWith({
      add: (a: number, b: number) => ({ sum: a + b, id: currentTask().id, attempt: currentTask().attempt }),
    });
    const { outcome } = executor.run(request("add", [1, 2], { taskId: "t", attempt: 4 }));
    expect(await outcome).toEqual({ kind: "finished", result: '{"sum":3,"id":"t","attempt":4}' });
  });

  test("is described with its policy", async () => {
    const { executor } = inlineWith({ a: () => 1, b: task({ priority: 2 }, () => 1) });
    expect(await executor.describe()).toMatchObject([
      { name: "a", policy: {} },
      { name: "b", policy: { priority: 2 } },
    ]);
  });

  test("without a result is finished", async () => {
    const { executor } = inlineWith({ nothing: () => {} });
    expect(await executor.run(request("nothing")).outcome).toEqual({ kind: "finished" });
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
      "boom",
    ],
    [
      "rejects",
      async () => {
        throw new Error("boom");
      },
      "boom",
    ],
    [
      "throws null",
      () => {
        throw null;
      },
      "null",
    ],
    [
      "returns a thenable that rejects",
      () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(new Error("boom")) }),
      "boom",
    ],
    [
      "returns a thenable that throws",
      () => ({
        get then() {
          throw new Error("boom");
        },
      }),
      "boom",
    ],
  ])("that %s has failed", async (_, handler, message) => {
    const { executor } = inlineWith({ handler });
    expect(await executor.run(request("handler")).outcome).toMatchObject({
      kind: "failed",
      failure: { code: "TASK_FAILED", message: expect.stringContaining(message) },
    });
  });

  test.each(["unknown", "constructor", "__proto__"])("%s is no function", async (name) => {
    const { executor } = inlineWith({ a: () => 1 });
    expect(await executor.run(request(name)).outcome).toMatchObject({
      kind: "failed",
      failure: { code: "TASK_FAILED" },
    });
  });

  test("whose tasks cannot be loaded has failed, and describe rejects", async () => {
    const executor = new InlineExecutor({
      load: () => Promise.reject(new Error("no module")),
      clock: new VirtualClock(),
    });
    await expect(executor.describe()).rejects.toThrow("no module");
    expect(await executor.run(request("a")).outcome).toMatchObject({
      kind: "failed",
      failure: { message: "no module" },
    });
  });

  test("reports progress and logs, until it is over", async () => {
    let leftover: () => void = () => {};
    const { executor } = inlineWith({
      work: () => {
        const { progress, log } = currentTask();
        progress(0);
        log("half", { step: 1, when: new Date(0) });
        log("with a function", { f: () => 1 });
        progress(1);
        leftover = () => (progress(0.1), log("late"));
      },
    });
    const asked = request("work");
    await executor.run(asked).outcome;
    leftover();
    expect(asked.told.progress).toEqual(["0", "1"]);
    expect(asked.told.logs).toEqual([
      { message: "half", fields: { step: 1, when: new Date(0) } },
      { message: "with a function", fields: expect.stringContaining("[Function: f]") },
    ]);
  });

  test("that reports no number from 0 to 1 gets a warning", async () => {
    const values = [-0.1, 1.1, Number.NaN, Infinity, "0.5", undefined, 1n, { valueOf: () => 0.5 }];
    const { executor } = inlineWith({ work: () => values.forEach((value) => currentTask().progress(value as number)) });
    const asked = request("work");
    expect(await executor.run(asked).outcome).toEqual({ kind: "finished" });
    expect(asked.told.progress).toEqual([]);
    expect(asked.told.warnings.map(({ code }) => code)).toEqual(values.map(() => "PROGRESS_DROPPED"));
  });

  test.each([
    ["no JSON", () => new Map()],
    ["too large", () => "x".repeat(200)],
  ])("whose result is %s has finished without one", async (_, handler) => {
    const { executor } = inlineWith({ handler });
    const asked = request("handler", [], { maxPayloadBytes: 100 });
    expect(await executor.run(asked).outcome).toEqual({ kind: "finished" });
    expect(asked.told.warnings).toMatchObject([{ code: "RESULT_DROPPED" }]);
  });
});

describe("aborting an inline handler", () => {
  test("aborts its signal with an AbortError, and its own outcome counts", async () => {
    const { executor, clock } = inlineWith({
      wait: () =>
        new Promise((_, reject) => {
          const { signal } = currentTask();
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    });
    const attempt = executor.run(request("wait"));
    await clock.settle();
    attempt.abort("timeout", 1_000);
    expect(await attempt.outcome).toMatchObject({
      kind: "failed",
      failure: { message: "The attempt ran longer than its timeout." },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test("that ignores it abandons it after the grace: nothing of it is heard any more", async () => {
    const gate = Promise.withResolvers<void>();
    const { executor, clock } = inlineWith({
      stubborn: async () => {
        await gate.promise;
        currentTask().progress(1);
        throw new Error("too late");
      },
    });
    const unhandled = collectUnhandled();
    const asked = request("stubborn");
    const attempt = executor.run(asked);
    await clock.settle();
    attempt.abort("abort", 1_000);
    await clock.advance(999);
    expect(asked.told.warnings).toEqual([]);
    await clock.advance(1);
    expect(await attempt.outcome).toEqual({ kind: "abandoned" });
    expect(asked.told.warnings).toMatchObject([{ code: "ATTEMPT_ABANDONED" }]);
    gate.resolve();
    await clock.settle();
    expect(asked.told.progress).toEqual([]);
    expect(unhandled()).toEqual([]);
  });

  test("before it has begun keeps it from running", async () => {
    let ran = false;
    const { executor } = inlineWith({ work: () => (ran = true) });
    const attempt = executor.run(request("work"));
    attempt.abort("abort", 1_000);
    expect(await attempt.outcome).toEqual({ kind: "blameless" });
    expect(ran).toBe(false);
  });

  test("after it has ended changes nothing", async () => {
    const { executor, clock } = inlineWith({ work: () => 1 });
    const attempt = executor.run(request("work"));
    expect(await attempt.outcome).toEqual({ kind: "finished", result: "1" });
    attempt.abort("abort", 1_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

test("many inline handlers run at once", async () => {
  const gate = Promise.withResolvers<void>();
  let most = 0;
  const { executor, clock } = inlineWith({
    work: async () => {
      most += 1;
      await gate.promise;
    },
  });
  const attempts = Array.from({ length: 500 }, () => executor.run(request("work")));
  await clock.settle();
  expect(most).toBe(500);
  gate.resolve();
  expect(new Set((await Promise.all(attempts.map(({ outcome }) => outcome))).map(({ kind }) => kind))).toEqual(
    new Set(["finished"]),
  );
});

test("stop waits for what runs, and nothing starts after it", async () => {
  const gate = Promise.withResolvers<void>();
  const { executor, clock } = inlineWith({ work: () => gate.promise });
  const attempt = executor.run(request("work"));
  await clock.settle();
  let stopped = false;
  const stopping = executor.stop().then(() => (stopped = true));
  await clock.settle();
  expect(stopped).toBe(false);
  expect(await executor.run(request("work")).outcome).toEqual({ kind: "blameless" });
  gate.resolve();
  await stopping;
  expect(await attempt.outcome).toEqual({ kind: "finished" });
});

/** Collects the rejections that nobody handles from here on. */
function collectUnhandled(): () => unknown[] {
  const seen: unknown[] = [];
  const listener = (reason: unknown): void => void seen.push(reason);
  process.on("unhandledRejection", listener);
  return () => {
    process.off("unhandledRejection", listener);
    return seen;
  };
}
