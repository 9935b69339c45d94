import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { gate } from "../../support/gate.ts";
import { openTest } from "./open-test.ts";

/** Ends when its signal is aborted, with the signal's reason. */
function untilAborted(): Promise<never> {
  const { signal } = currentTask();
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

describe("advance", () => {
  it("moves the time, and only the queue's", async () => {
    const stage3 = await openTest({ tasks: { run() {} }, now: new Date("2026-05-04T03:02:01Z") });
    const before = Date.now();
    await stage3.advance("1h");
    expect(stage3.now).toEqual(new Date("2026-05-04T04:02:01Z"));
    expect(Date.now() - before).toBeLessThan(60_000);
  });

  it("goes on one call after another", async () => {
    const stage3 = await openTest({ tasks: { run() {} }, now: 0 });
    await Promise.all([stage3.advance(10), stage3.drain(), stage3.advance(20)]);
    expect(stage3.now).toEqual(new Date(30));
  });

  it("leaves to the next call what it would have told, where it is refused", async () => {
    const stage3 = await openTest({ tasks: { run() {} } });
    await stage3.start();
    const id = await stage3.broker.enqueue("default", "run", []);
    await stage3.settle();
    await expect(stage3.advance("soon")).rejects.toMatchObject({ code: "INVALID_OPTION" });
    expect(await stage3.advance(0)).toMatchObject({ attempts: 1, finished: [{ id }] });
  });

  it("lets a timeout come at its moment", async () => {
    const stage3 = await openTest({ tasks: { hang: untilAborted } });
    const id = await stage3.broker.enqueue("default", "hang", [], { timeout: "5s", maxRestarts: 0 });
    await stage3.advance(4_999);
    expect(await stage3.broker.status(id)).toBe("running");
    expect((await stage3.advance(1)).inDeadLetterQueue).toMatchObject([{ id, failures: [{ code: "TASK_TIMEOUT" }] }]);
  });

  it("lets a restart come after its backoff", async () => {
    const stage3 = await openTest({ tasks: { fail: () => Promise.reject(new Error("no luck")) } });
    const id = await stage3.broker.enqueue("default", "fail", []);
    expect((await stage3.advance(1_999)).restarting).toMatchObject([{ id, attempt: 1 }]);
    expect((await stage3.advance(101)).restarting).toMatchObject([{ id, attempt: 2 }]);
    expect((await stage3.advance(101)).restarting).toEqual([]);
  });

  it("lets what falls due happen in its order", async () => {
    const happened: string[] = [];
    const stage3 = await openTest({ tasks: { hang: untilAborted, fail: () => Promise.reject(new Error("no luck")) } });
    stage3.events.on("failed", ({ function: name, code, attempt }) => void happened.push(`${name} ${code} ${attempt}`));
    await stage3.broker.enqueue("default", "hang", [], { timeout: "7s", maxRestarts: 0 });
    await stage3.broker.enqueue("default", "fail", [], { maxRestarts: 2 });
    await stage3.broker.enqueue("default", "hang", [], { timeout: "3s", maxRestarts: 0 });
    await stage3.advance("10s");
    expect(happened).toEqual([
      "fail TASK_FAILED 1",
      "fail TASK_FAILED 2",
      "hang TASK_TIMEOUT 1",
      "fail TASK_FAILED 3",
      "hang TASK_TIMEOUT 1",
    ]);
  });

  it("lets a week pass in a moment, and retention with it", async () => {
    const stage3 = await openTest({ tasks: { run() {} }, retention: { finished: "7d" } });
    const id = await stage3.broker.enqueue("default", "run", []);
    await stage3.drain();
    await stage3.advance("6.9d");
    expect(await stage3.broker.status(id)).toBe("finished");
    await stage3.advance("3h");
    expect(await stage3.broker.status(id)).toBeUndefined();
    expect(stage3.expectEnqueued("default", "run").id).toBe(id);
  });

  it("with 0 starts what is ready and does not wait for it", async () => {
    const open = gate();
    const stage3 = await openTest({ tasks: { held: () => open.passed } });
    const id = await stage3.broker.enqueue("default", "held", []);
    await stage3.advance(0);
    expect(await stage3.broker.status(id)).toBe("running");
    open.pass();
  });

  it("waits for handlers at each moment where `waitForHandlers` asks for it", async () => {
    const at: number[] = [];
    const stage3 = await openTest({
      tasks: {
        async fail() {
          await wait(10);
          at.push(stage3.now.getTime());
          throw new Error("no luck");
        },
      },
      now: 0,
      queues: { default: { timeout: "100ms", maxBackoff: "1s" } },
    });
    await stage3.broker.enqueue("default", "fail", []);
    await stage3.advance("2.5s", { waitForHandlers: true });
    expect(at).toEqual([0, 1_000, 2_000]);
  });

  it.each([{}, { waitForHandlers: true }])(
    "lets an abort of a handler that ignores its signal end with its grace, with %j",
    async (options) => {
      const open = gate();
      const stage3 = await openTest({ tasks: { deaf: () => open.passed }, queues: { default: { abortGrace: "10s" } } });
      const warnings: string[] = [];
      stage3.events.on("warning", ({ code }) => void warnings.push(code));
      const id = await stage3.broker.enqueue("default", "deaf", []);
      await stage3.advance(0);
      const aborted = stage3.broker.abort(id);
      await stage3.advance(9_999, options);
      expect(await stage3.broker.status(id)).toBe("running");
      expect((await stage3.advance(1, options)).aborted).toMatchObject([{ id }]);
      expect(await aborted).toBe(true);
      expect(warnings).toEqual(["ATTEMPT_ABANDONED"]);
      open.pass();
    },
  );

  it("lets a handler that ignores the signal of its timeout end with its grace", async () => {
    const open = gate();
    const stage3 = await openTest({ tasks: { deaf: () => open.passed } });
    const warnings: string[] = [];
    stage3.events.on("warning", ({ code }) => void warnings.push(code));
    const id = await stage3.broker.enqueue("default", "deaf", [], { timeout: "5s", maxRestarts: 0 });
    const { inDeadLetterQueue } = await stage3.advance("6s");
    expect(inDeadLetterQueue).toMatchObject([{ id, failures: [{ code: "TASK_TIMEOUT" }] }]);
    expect(warnings).toEqual(["ATTEMPT_ABANDONED"]);
    open.pass();
  });
});

describe("stop", () => {
  it("lets what runs go at once, whatever its grace, and refuses later calls", async () => {
    const stage3 = await openTest({
      tasks: { hang: untilAborted },
      queues: { default: { shutdownGrace: "1d" } },
    });
    const id = await stage3.broker.enqueue("default", "hang", []);
    await stage3.advance(0);
    await stage3.stop();
    await stage3.stop();
    await expect(stage3.broker.status(id)).rejects.toMatchObject({ code: "STOPPED" });
    await expect(stage3.drain()).rejects.toMatchObject({ code: "STOPPED" });
    await expect(stage3.advance(1)).rejects.toMatchObject({ code: "STOPPED" });
    await expect(stage3.start()).rejects.toMatchObject({ code: "STOPPED" });
    expect(stage3.expectEnqueued("default", "hang").id).toBe(id);
  });

  it("ends a drain that waits for a handler", async () => {
    const stage3 = await openTest({ tasks: { hang: untilAborted } });
    await stage3.broker.enqueue("default", "hang", []);
    const drained = stage3.drain();
    const refused = expect(drained).rejects.toMatchObject({ code: "STOPPED" });
    await stage3.settle();
    await stage3.stop();
    await refused;
  });

  it("is what `await using` does", async () => {
    const { openTestQueue } = await import("../../../src/testing.ts");
    const stage3 = await openTestQueue({ tasks: { run() {} } });
    await stage3[Symbol.asyncDispose]();
    await expect(stage3.broker.queues()).rejects.toMatchObject({ code: "STOPPED" });
  });
});
