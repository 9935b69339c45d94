import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AttemptOutcome } from "../../src/executor/port.ts";
import { isAlive } from "../fixtures/liveness.ts";
import { moduleOf } from "../fixtures/module-of.ts";
import { openPool, POOL_TASKS, THREADS } from "../fixtures/pools.ts";
import { startParent, type StartedParent } from "../fixtures/start-parent.ts";
import { linesOf, until } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SETUP = new URL("../fixtures/counting-setup.ts", import.meta.url).href;

describe("a thread", () => {
  test("gets the flags that load modules, and finds nothing of ours", async () => {
    const flags = ["--import", SETUP, "-C", "development", "--max-old-space-size=200", "--title=parent"];
    const env = { NODE_OPTIONS: "--max-semi-space-size=8 --conditions=other --trace-warnings --inspect-port=0" };
    const settings = { tasksUrl: POOL_TASKS, inThread: false, of: "threads", function: "environment" } as const;
    expect(resultOf(await startParent(settings, flags, env).next())).toEqual({
      send: "undefined",
      connected: null,
      disconnect: "undefined",
      arguments: 2,
      execArgv: ["--import", SETUP, "-C", "development"],
      nodeOptions: "--conditions=other --trace-warnings",
      channelFd: null,
      imported: 1,
      stdin: null,
    });
  });

  test("has no port of ours, and an environment of its own", async () => {
    const { run } = openPool(THREADS, { maxSize: 1 });
    expect(await run("workerData").outcome).toEqual({
      kind: "finished",
      result: JSON.stringify({ tasksUrl: POOL_TASKS }),
    });
    expect(await run("setVariable", "STAGE3_SET_IN_THREAD", "1").outcome).toMatchObject({ result: "null" });
    expect(process.env["STAGE3_SET_IN_THREAD"]).toBeUndefined();
  });

  test.each([false, true])("writes where its process writes (the pool in a thread: %s)", async (inThread) => {
    const settings = { tasksUrl: POOL_TASKS, inThread, of: "threads", function: "print", args: ["words"] } as const;
    const parent = startParent(settings);
    resultOf(await parent.next());
    parent.process.stdin?.end();
    await once(parent.process, "exit");
    await expect(parent.next()).rejects.toThrow("It ended without a word");
    expect(parent.output.stdout).toEqual(["out words"]);
    expect(parent.output.stderr).toBe("err words\n");
  });

  test("that ends is heard to the last word, however much it says, by a pool that was busy meanwhile", async () => {
    const { pool, run } = openPool(THREADS);
    await pool.describe();
    const attempt = run("exitAfterWords", 5_000);
    // What it says and its end then come together.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
    expect(attempt.told.logs).toHaveLength(5_000);
  });

  test("cannot abort its process", async () => {
    const { run } = openPool(THREADS);
    expect(await run("abortProcess").outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
  });
});

describe("a spare thread", { retry: 2 }, () => {
  test("runs the next attempt at once when one had to be killed", async () => {
    const file = join(temporaryFolder(), "loaded");
    const tasksUrl = moduleOf(
      `import { appendFileSync } from "node:fs";
       import { threadId } from "node:worker_threads";
       appendFileSync(${JSON.stringify(file)}, "loaded\\n");
       export default { id: () => threadId, block() { for (;;); } };`,
    );
    const { run, started } = openPool(THREADS, { tasksUrl, maxSize: 1 });
    const stubborn = run("block");
    await until("both threads have loaded the tasks", () => linesOf(file).length === 2);
    const next = run("id");
    const asked = performance.now();
    stubborn.abort("abort", 0);
    expect(await stubborn.outcome).toEqual({ kind: "killed" });
    expect(await next.outcome).toEqual({ kind: "finished", result: String(started[1]) });
    expect(performance.now() - asked).toBeLessThan(50);
  });
});

describe("a thread in a synchronous native call", () => {
  test("ends only with that; until then it is not over, and others run", async () => {
    const { run } = openPool(THREADS, { maxSize: 2 });
    const pipe = makePipe();
    const attempt = run("waitForPipe", pipe);
    const id = Number(await attempt.begun);
    const end = await pipeIsRead(pipe);
    let isOver = false;
    void attempt.outcome.then(() => (isOver = true));
    attempt.abort("abort", 0);
    expect(await run("add", 1, 2).outcome).toMatchObject({ result: "3" });
    expect(await run("add", 3, 4).outcome).toMatchObject({ result: "7" });
    expect(isOver).toBe(false);
    expect(THREADS.isAlive(id)).toBe(true);
    end();
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    expect(THREADS.isAlive(id)).toBe(false);
  });

  test("is waited for by stop", async () => {
    const { pool, run, members, until: untilPool } = openPool(THREADS, { maxSize: 1 });
    const pipe = makePipe();
    const attempt = run("waitForPipe", pipe);
    const id = Number(await attempt.begun);
    const end = await pipeIsRead(pipe);
    attempt.abort("shutdown", 0);
    const stopped = pool.stop();
    await untilPool(() => members.size === 1);
    expect([...members]).toEqual([id]);
    end();
    await stopped;
    expect(THREADS.isAlive(id)).toBe(false);
    expect(members.size).toBe(0);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
  });
});

describe("what a thread cannot keep to itself", () => {
  test.each(["SIGKILL", "SIGSEGV"])("a %s ends the whole process", async (signal) => {
    const parent = threadIn({ function: "signal", args: [signal] });
    expect(await once(parent.process, "exit")).toEqual([null, signal]);
  });

  test("one array that outgrows the heap ends the whole process", async () => {
    const parent = threadIn({ function: "oneArray", maxMemoryBytes: 100 * 1024 ** 2 });
    await once(parent.process, "exit");
    expect(parent.process.signalCode).not.toBeNull();
    await expect(parent.next()).rejects.toThrow("heap out of memory");
  });

  test("Buffers are no part of its heap, and of no limit", async () => {
    const { run } = openPool(THREADS, { maxMemoryBytes: 40 * 1024 ** 2 });
    expect(await run("takeBuffers", 120).outcome).toMatchObject({ kind: "finished" });
  });

  test("processes that it has started live on", async () => {
    const parent = threadIn({ function: "family", args: [false], abort: true });
    const [, child = 0, grandchild = 0] = (await parent.next()) as number[];
    try {
      expect(await parent.next()).toEqual({ kind: "killed" });
      expect([child, grandchild].map(isAlive)).toEqual([true, true]);
    } finally {
      for (const pid of [child, grandchild]) process.kill(pid, "SIGKILL");
    }
    await once(parent.process, "exit");
  });
});

test("a thread that is terminated takes the threads of its pool with it", async () => {
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: true, of: "threads", function: "block" });
  await parent.next();
  parent.process.stdin?.end("terminate\n");
  // A thread that went on spinning would keep the process alive.
  expect(await once(parent.process, "exit")).toEqual([0, null]);
});

function threadIn(settings: {
  function: string;
  args?: unknown[];
  maxMemoryBytes?: number;
  abort?: boolean;
}): StartedParent {
  return startParent({ tasksUrl: POOL_TASKS, inThread: false, of: "threads", ...settings });
}

function resultOf(outcome: unknown): unknown {
  const { kind, ...rest } = outcome as AttemptOutcome;
  if (kind !== "finished") throw new Error(`It has not finished: ${JSON.stringify(outcome)}`);
  return JSON.parse(("result" in rest ? rest.result : undefined) ?? "null") as unknown;
}

function makePipe(): string {
  const path = join(temporaryFolder(), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

/** Resolves when somebody waits for what comes out of the pipe; the answer ends that wait. */
async function pipeIsRead(path: string): Promise<() => void> {
  const fd = await until("the pipe is being read", () => {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
  });
  return () => closeSync(fd);
}
