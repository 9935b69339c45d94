import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Stage3Queue, type Stage3QueueOptions } from "../../src/index.ts";
import { openPool, POOLS } from "../fixtures/pools.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import tasks from "../fixtures/busy-tasks.ts";

const tasksUrl = new URL("../fixtures/busy-tasks.ts", import.meta.url);

describe.each(POOLS)("a handler that never returns to its event loop, in a pool of $of", (kind) => {
  test.each(["abort", "timeout", "shutdown", "lease_lost"] as const)("sees that it is to stop: %s", async (reason) => {
    const { run } = openPool(kind, { tasksUrl: tasksUrl.href });
    const attempt = run("untilAborted");
    await attempt.begun;
    attempt.abort(reason, 60_000);
    expect(await attempt.outcome).toEqual({ kind: "finished", result: '"ended by itself"' });
    expect(attempt.told.logs[1]).toEqual({
      message: "told",
      fields: { name: "AbortError", reason, same: true, signal: true },
    });
  });

  test("ends by what throwIfAborted throws, its finally blocks run", async () => {
    const { run } = openPool(kind, { tasksUrl: tasksUrl.href });
    const attempt = run("throwing");
    await attempt.begun;
    attempt.abort("abort", 60_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { message: "The task was aborted." } });
    expect(attempt.told.logs.map(({ message }) => message)).toEqual(["begun", "tidied up"]);
  });

  test("asks in less than a microsecond", async () => {
    const { run } = openPool(kind, { tasksUrl: tasksUrl.href });
    const outcome = await run("nanoseconds", 3_000_000).outcome;
    const nanoseconds = outcome.kind === "finished" ? Number(outcome.result) : Number.NaN;
    expect(nanoseconds).toBeLessThan(1_000);
    expect(await run("asked").outcome).toMatchObject({ result: "[false,false]" });
  });
});

describe("an inline handler that keeps the application's event loop", () => {
  async function open(
    options: Stage3QueueOptions,
  ): Promise<{ stage3: Stage3Queue; logs: string[]; warnings: string[] }> {
    const stage3 = await Stage3Queue.open({ database: `sqlite:${join(temporaryFolder(), "q.db")}`, ...options });
    onTestFinished(() => stage3.stop());
    const logs: string[] = [];
    const warnings: string[] = [];
    stage3.events.on("log", ({ message }) => void logs.push(message));
    stage3.events.on("warning", ({ code }) => void warnings.push(code));
    await stage3.start();
    return { stage3, logs, warnings };
  }

  test("sees its timeout, and ends within its grace", async () => {
    const { stage3, logs, warnings } = await open({ tasks, queues: { default: { maxRestarts: 0, timeout: 200 } } });
    const id = await stage3.broker.enqueue("default", "throwing", []);
    await expect(stage3.broker.result(id)).rejects.toMatchObject({ code: "TASK_TIMEOUT" });
    expect(logs).toEqual(["begun", "tidied up"]);
    expect(warnings).toEqual([]);
    // The next one is not taken for it.
    expect(await stage3.broker.result(await stage3.broker.enqueue("default", "asked", []))).toEqual([false, false]);
  });
});
