import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AttemptOutcome } from "../../src/executor/port.ts";
import { openPool, start } from "../fixtures/process-pool.ts";
import { request } from "../fixtures/requests.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

describe("a pool of processes", () => {
  test("describes the functions of its module, with one child", async () => {
    const { pool, started } = openPool();
    const functions = await pool.describe();
    expect(functions).toContainEqual({ name: "add", policy: {} });
    expect(functions.find(({ name }) => name === "withPolicy")?.policy.priority).toBe(3);
    expect(await pool.describe()).toBe(functions);
    expect(started).toHaveLength(1);
  });

  test("runs a function with its arguments, in another process", async () => {
    const { run } = openPool();
    expect(await run("add", 1, 2).outcome).toEqual({ kind: "finished", result: "3" });
    expect(await run("nothing").outcome).toEqual({ kind: "finished" });
    expect(await run("pid").outcome).not.toEqual({ kind: "finished", result: String(process.pid) });
  });

  test("tells the handler what it runs", async () => {
    const { pool } = openPool();
    const { outcome } = start(pool, request("whoAmI", [], { taskId: "t", topic: "emails", attempt: 3 }));
    expect(await outcome).toMatchObject({ result: '{"id":"t","topic":"emails","name":"whoAmI","attempt":3}' });
  });

  test("passes progress and logs on before the outcome", async () => {
    const { run } = openPool();
    const progress = run("progress", 0, 0.5, 1);
    await progress.outcome;
    expect(progress.told.progress).toEqual(["0", "1"]);
    const log = run("log", "hello");
    await log.outcome;
    expect(log.told.logs).toEqual([
      { message: "hello", fields: { error: new TypeError("in a log"), when: new Date(0) } },
    ]);
  });

  test("drops a result that is too large or no JSON, and wrong progress", async () => {
    const { run } = openPool();
    for (const kind of ["map", "large", "function"]) {
      const attempt = run("result", kind);
      expect(await attempt.outcome).toEqual({ kind: "finished" });
      expect(attempt.told.warnings).toMatchObject([{ code: "RESULT_DROPPED" }]);
    }
    const attempt = run("progress", 2, -1);
    expect(await attempt.outcome).toEqual({ kind: "finished" });
    expect(attempt.told.warnings.map(({ code }) => code)).toEqual(["PROGRESS_DROPPED", "PROGRESS_DROPPED"]);
  });

  test("carries arguments and results of a megabyte", async () => {
    const { run } = openPool();
    const text = '"ü\\n\u2028'.repeat(50_000);
    const { outcome } = run("add", text, "!");
    expect(await outcome).toEqual({ kind: "finished", result: JSON.stringify(`${text}!`) });
  });

  test("uses a child again", async () => {
    const { run, started } = openPool();
    const pids = new Set<unknown>();
    for (let round = 0; round < 20; round += 1) pids.add(resultOf(await run("pid").outcome));
    expect(pids.size).toBe(1);
    expect(started).toHaveLength(1);
  });

  test("grows by demand up to its size, only so many starting at once, and makes the rest wait", async () => {
    const { pool, run, started } = openPool({ maxSize: 3 });
    await pool.describe();
    const attempts = Array.from({ length: 7 }, () => run("pidAfter", 50));
    expect(started.length).toBeLessThanOrEqual(1 + availableParallelism());
    const outcomes = await Promise.all(attempts.map(({ outcome }) => outcome));
    expect(outcomes.every(({ kind }) => kind === "finished")).toBe(true);
    expect(started.length).toBeLessThanOrEqual(3);
  });

  test("runs one attempt at a time in a child", async () => {
    const { run } = openPool({ maxSize: 1 });
    const begun = performance.now();
    await Promise.all([run("pidAfter", 40).outcome, run("pidAfter", 40).outcome]);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(80);
  });
});

describe("idle children", () => {
  test("leave after 30 s, all but one, and their exit handlers run", async () => {
    const clock = new VirtualClock();
    const file = join(temporaryFolder(), "exits");
    const { run, children, until } = openPool({ clock });
    let ready = new Set<string | undefined>();
    while (ready.size < 2 || ready.size < children.size) {
      const outcomes = await Promise.all(Array.from({ length: 3 }, () => run("pidAfter", 20).outcome));
      ready = new Set(outcomes.map(resultOf));
    }
    const grown = children.size;
    await Promise.all(Array.from({ length: grown }, () => run("onExit", file).outcome));
    await clock.advance(29_999);
    expect(children.size).toBe(grown);
    await clock.advance(1);
    await until(() => children.size === 1);
    expect(readFileSync(file, "utf8")).toMatch(/^(exited\n)+$/);
    await clock.advance(100_000);
    expect(children.size).toBe(1);
  });
});

describe("stop", () => {
  test("lets idle children run their exit handlers, and leaves none", async () => {
    const file = join(temporaryFolder(), "exits");
    const { pool, run, children } = openPool();
    await run("onExit", file).outcome;
    await pool.stop();
    expect(readFileSync(file, "utf8")).toBe("exited\n");
    expect(children.size).toBe(0);
  });

  test("waits for running attempts, and ends those that wait", async () => {
    const { pool, run, children } = openPool({ maxSize: 1 });
    await pool.describe();
    const running = run("pidAfter", 40);
    const waiting = run("pid");
    const stopping = pool.stop();
    expect(await waiting.outcome).toEqual({ kind: "killed" });
    expect(await running.outcome).toMatchObject({ kind: "finished" });
    await stopping;
    expect(children.size).toBe(0);
    expect(await run("pid").outcome).toEqual({ kind: "killed" });
    await expect(pool.describe()).rejects.toMatchObject({ code: "STOPPED" });
  });

  test("ends a child that is still starting, and one that does not leave", async () => {
    const { pool, run, children } = openPool();
    const described = pool.describe();
    const rejected = expect(described).rejects.toMatchObject({ code: "STOPPED" });
    await pool.stop();
    await rejected;
    expect(children.size).toBe(0);

    const other = openPool();
    await other.run("blockWhenIdle").outcome;
    await other.pool.stop();
    expect(other.children.size).toBe(0);
    expect(await run("pid").outcome).toEqual({ kind: "killed" });
  });

  test("may be called again, and before anything began", async () => {
    const { pool } = openPool();
    await Promise.all([pool.stop(), pool.stop()]);
  });
});

function resultOf(outcome: AttemptOutcome): string | undefined {
  return outcome.kind === "finished" ? outcome.result : undefined;
}
