import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { openPool, PROCESSES } from "../fixtures/pools.ts";
import { moduleOf } from "../fixtures/module-of.ts";

/** What may pass between the end of the grace and the end of the last process. */
const PROMPT_MS = 100;

/** Promptness is judged by the quickest of a few tries: the machine may be busy with something else. */
const TRIES = { retry: 2 };

describe("a handler that ends its own process", () => {
  test.each(["SIGKILL", "SIGTERM", "SIGSEGV", "SIGILL"])("by %s was killed by it", async (signal) => {
    const { run } = openPool(PROCESSES);
    const outcome = await run("signal", signal).outcome;
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_KILLED" } });
    if (outcome.kind === "failed") expect(outcome.failure.message).toContain(signal);
  });

  test("by process.abort() was killed, and not for want of memory", async () => {
    const { run } = openPool(PROCESSES);
    expect(await run("abortProcess").outcome).toMatchObject({
      failure: { code: "TASK_KILLED", message: "The process was killed by SIGABRT." },
    });
  });

  test("takes the processes that it started with it", async () => {
    const { run } = openPool(PROCESSES);
    const attempt = run("exitWithFamily");
    const pids = (await attempt.begun) as number[];
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
    expect(await goneAfterMs(pids)).toBeLessThan(PROMPT_MS);
  });

  test("by a module that dies when it is imported makes describe reject with the cause", async () => {
    const tasksUrl = moduleOf('process.kill(process.pid, "SIGSEGV");');
    const { pool, members } = openPool(PROCESSES, { tasksUrl });
    await expect(pool.describe()).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("SIGSEGV") as string,
    });
    expect(members.size).toBe(0);
  });
});

test("a handler that fills the heap with one growing array is told so, and the next one runs", async () => {
  const { run } = openPool(PROCESSES, PROCESSES.smallHeap);
  expect(await run("oneArray").outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_OUT_OF_MEMORY" } });
  expect(await run("id").outcome).toMatchObject({ kind: "finished" });
});

describe("an abort", TRIES, () => {
  test("takes the processes with it that a handler started which obeys", async () => {
    const { run } = openPool(PROCESSES);
    const attempt = run("family", true);
    const pids = (await attempt.begun) as number[];
    expect(pids.every(isAlive)).toBe(true);
    attempt.abort("abort", 10_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed" });
    expect(await goneAfterMs(pids)).toBeLessThan(PROMPT_MS);
  });

  test("kills spinning children and grandchildren too", async () => {
    const { run } = openPool(PROCESSES);
    const attempt = run("family", false);
    const pids = (await attempt.begun) as number[];
    expect(pids).toHaveLength(3);
    const asked = performance.now();
    attempt.abort("timeout", 50);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    await goneAfterMs(pids);
    expect(performance.now() - asked).toBeLessThan(50 + PROMPT_MS);
  });

  test("kills in the middle of a synchronous native call", async () => {
    const { run } = openPool(PROCESSES);
    const attempt = run("nativeCall");
    const pid = Number(await attempt.begun);
    const asked = performance.now();
    attempt.abort("abort", 200);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - asked).toBeLessThan(200 + PROMPT_MS);
  });
});

test("where the system is out of open files, the error of a child that cannot be started says so", async () => {
  const program = fileURLToPath(new URL("../fixtures/spawn-without-descriptors.ts", import.meta.url));
  const limited = ["-c", 'ulimit -n 64 && exec "$0" "$1"', process.execPath, program];
  const { stdout } = await promisify(execFile)("/bin/sh", limited);
  expect(stdout).toMatch(/^Error: No child process could be started\..* open files\.\n$/);
});
