import { describe, expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

describe("abort", () => {
  it("ends a queued task at once, and only once", async () => {
    const { broker, clock } = await openInPlace({ run: () => 1 });
    const id = await broker.enqueue("default", "run", []);
    expect(await broker.abort(id)).toBe(true);
    expect(await broker.abort(id)).toBe(false);
    expect(await broker.status(id)).toBe("aborted");
    await clock.settle();
  });

  it("is true of a call that is sent again, since the first may have been done", async () => {
    const { engine, broker, clock } = await openInPlace({ run: () => 1 });
    const id = await broker.enqueue("default", "run", []);
    expect(await engine.abort(id)).toBe(true);
    expect(await engine.abort(id, true)).toBe(true);
    expect(await engine.abort(id)).toBe(false);
    await engine.start();
    const finished = await broker.enqueue("default", "run", []);
    await clock.settle();
    expect(await broker.status(finished)).toBe("finished");
    expect(await engine.abort(finished, true)).toBe(false);
  });

  it("is true for every call that is made while the task lives", async () => {
    const { engine, broker, clock } = await openInPlace({
      obey: () => new Promise((_, reject) => currentTask().signal.addEventListener("abort", () => reject(new Error()))),
    });
    await engine.start();
    const id = await broker.enqueue("default", "obey", []);
    await clock.settle();
    const answers = Promise.all([broker.abort(id), broker.abort(id), broker.abort(id)]);
    await clock.settle();
    expect(await answers).toEqual([true, true, true]);
    expect(await broker.get(id)).toMatchObject({ status: "aborted", failures: [] });
  });

  it("abandons an inline handler that ignores its signal, frees its slot and says how to isolate it", async () => {
    const held = gate();
    const { engine, broker, clock, events } = await openInPlace(
      { ignore: () => held.passed, next: () => "ran" },
      { queues: { default: { maxConcurrency: 1 } } },
    );
    await engine.start();
    const id = await broker.enqueue("default", "ignore", [], { abortGrace: "2s" });
    const next = await broker.enqueue("default", "next", []);
    await clock.settle();
    const answer = broker.abort(id);
    await clock.advance(1_999);
    expect(await broker.status(id)).toBe("running");
    await clock.advance(1);
    expect(await answer).toBe(true);
    await clock.settle();
    expect(await broker.status(next)).toBe("finished");
    expect(events).toContainEqual(expect.objectContaining({ name: "warning", code: "ATTEMPT_ABANDONED", taskId: id }));
    held.pass();
    await clock.settle();
    expect(await broker.get(id)).toMatchObject({ status: "aborted" });
  });

  it("is false where the task had already ended, or never was", async () => {
    const { engine, broker, clock } = await openInPlace({ run: () => 1 });
    await engine.start();
    const id = await broker.enqueue("default", "run", []);
    await clock.settle();
    expect(await broker.abort(id)).toBe(false);
    expect(await broker.abort("0190f3a4-0000-7000-8000-000000000000")).toBe(false);
    expect(await broker.abort("no id")).toBe(false);
  });

  it("takes a task that waits for its restart", async () => {
    const { engine, broker, clock } = await openInPlace({ fail: () => Promise.reject(new Error("no luck")) });
    await engine.start();
    const id = await broker.enqueue("default", "fail", []);
    await clock.settle();
    expect(await broker.abort(id)).toBe(true);
    await clock.advance(60_000);
    expect(await broker.get(id)).toMatchObject({ status: "aborted", attempt: 1 });
  });

  it("wins over a result that comes after it", async () => {
    const { engine, broker, clock } = await openInPlace({
      finishOnAbort: () => new Promise((resolve) => currentTask().signal.addEventListener("abort", () => resolve(1))),
    });
    await engine.start();
    const id = await broker.enqueue("default", "finishOnAbort", []);
    await clock.settle();
    const answer = broker.abort(id);
    await clock.settle();
    expect(await answer).toBe(true);
    expect(await broker.status(id)).toBe("aborted");
  });
});
