import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { threadId } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import type { AttemptOutcome } from "../../src/executor/port.ts";
import { openPool, POOLS, start } from "../fixtures/pools.ts";
import { request } from "../fixtures/requests.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

describe.each(POOLS)("a pool of $of", (kind) => {
  test("describes the functions of its module, with one member", async () => {
    const { pool, started } = openPool(kind);
    const functions = await pool.describe();
    expect(functions).toContainEqual({ name: "add", policy: {} });
    expect(functions.find(({ name }) => name === "withPolicy")?.policy.priority).toBe(3);
    expect(await pool.describe()).toBe(functions);
    expect(started).toHaveLength(1);
  });

  test("runs a function with its arguments, in another process or thread", async () => {
    const { run } = openPool(kind);
    expect(await run("add", 1, 2).outcome).toEqual({ kind: "finished", result: "3" });
    expect(await run("nothing").outcome).toEqual({ kind: "finished" });
    const here = kind.of === "processes" ? process.pid : threadId;
    expect(await run("id").outcome).not.toEqual({ kind: "finished", result: String(here) });
  });

  test("tells the handler what it runs", async () => {
    const { pool } = openPool(kind);
    const { outcome } = start(pool, request("whoAmI", [], { taskId: "t", topic: "emails", attempt: 3 }));
    expect(await outcome).toMatchObject({ result: '{"id":"t","topic":"emails","name":"whoAmI","attempt":3}' });
  });

  test("passes progress and logs on before the outcome", async () => {
    const { run } = openPool(kind);
    const progress = run("progress", 0, 0.5, 1);
    await progress.outcome;
    // The one in the middle is left out, unless the machine pauses just then.
    expect(progress.told.progress.filter((value) => value !== "0.5")).toEqual(["0", "1"]);
    const log = run("log", "hello");
    await log.outcome;
    expect(log.told.logs).toEqual([
      { message: "hello", fields: { error: new TypeError("in a log"), when: new Date(0) } },
    ]);
  });

  test("logs what only threads of one process could share, if need be as a text", async () => {
    const { run } = openPool(kind);
    const attempt = run("logShared");
    expect(await attempt.outcome).toEqual({ kind: "finished" });
    const [log] = attempt.told.logs;
    expect(inspect(log?.fields)).toContain("SharedArrayBuffer");
  });

  test("drops a result that is too large or no JSON, and wrong progress", async () => {
    const { run } = openPool(kind);
    for (const thing of ["map", "large", "function"]) {
      const attempt = run("result", thing);
      expect(await attempt.outcome).toEqual({ kind: "finished" });
      expect(attempt.told.warnings).toMatchObject([{ code: "RESULT_DROPPED" }]);
    }
    const attempt = run("progress", 2, -1);
    expect(await attempt.outcome).toEqual({ kind: "finished" });
    expect(attempt.told.warnings.map(({ code }) => code)).toEqual(["PROGRESS_DROPPED", "PROGRESS_DROPPED"]);
  });

  test("carries arguments and results of a megabyte", async () => {
    const { run } = openPool(kind);
    const text = '"ü\\n\u2028'.repeat(50_000);
    const { outcome } = run("add", text, "!");
    expect(await outcome).toEqual({ kind: "finished", result: JSON.stringify(`${text}!`) });
  });

  test("uses a member again", async () => {
    const { run, started } = openPool(kind);
    const ids = new Set<unknown>();
    for (let round = 0; round < 20; round += 1) ids.add(resultOf(await run("id").outcome));
    expect(ids.size).toBeLessThanOrEqual(1 + kind.spares);
    expect(started).toHaveLength(1 + kind.spares);
  });

  test("grows by demand up to its size, only so many starting at once, and makes the rest wait", async () => {
    const { pool, run, started } = openPool(kind, { maxSize: 3 });
    await pool.describe();
    const attempts = Array.from({ length: 7 }, () => run("idAfter", 50));
    expect(started.length).toBeLessThanOrEqual(1 + availableParallelism());
    const outcomes = await Promise.all(attempts.map(({ outcome }) => outcome));
    expect(outcomes.every((outcome) => outcome.kind === "finished")).toBe(true);
    expect(started.length).toBeLessThanOrEqual(3 + kind.spares);
  });

  test("grows beyond a few members where attempts wait for something", async () => {
    const size = 2 * availableParallelism() + 1;
    const { run, started } = openPool(kind, { maxSize: size });
    while (started.length < size) {
      await Promise.all(Array.from({ length: size }, () => run("idAfter", 20).outcome));
    }
    expect(started.length).toBeLessThanOrEqual(size + kind.spares);
  });

  test("runs one attempt at a time in a member", async () => {
    const { run } = openPool(kind, { maxSize: 1 });
    const begun = performance.now();
    await Promise.all([run("idAfter", 40).outcome, run("idAfter", 40).outcome]);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(80);
  });
});

describe.each(POOLS)("idle members of a pool of $of", (kind) => {
  test("leave after 30 s, all but one, and their exit handlers run", async () => {
    const clock = new VirtualClock();
    const file = join(temporaryFolder(), "exits");
    const { run, members, until } = openPool(kind, { clock });
    let ready = new Set<string | undefined>();
    while (ready.size < 2 || ready.size < members.size - kind.spares) {
      const outcomes = await Promise.all(Array.from({ length: 3 }, () => run("onExit", file, 20).outcome));
      ready = new Set(outcomes.map(resultOf));
    }
    const grown = members.size;
    await clock.advance(29_999);
    expect(members.size).toBe(grown);
    await clock.advance(1);
    // Before the time that they have to leave has passed as well.
    await until(() => existsSync(file));
    // A spare that was still loading is idle from then on. It takes real time to load, and is ended after a minute.
    while (kind.spares > 0 && members.size > 1) {
      await delay(1_000);
      await clock.advance(30_000);
    }
    await until(() => members.size === 1);
    expect(readFileSync(file, "utf8")).toMatch(/^(exited\n)+$/);
    await clock.advance(100_000);
    expect(members.size).toBe(1);
  });
});

describe.each(POOLS)("stop of a pool of $of", (kind) => {
  test("lets idle members run their exit handlers, and leaves none", async () => {
    const file = join(temporaryFolder(), "exits");
    const { pool, run, members } = openPool(kind);
    await run("onExit", file).outcome;
    await pool.stop();
    expect(readFileSync(file, "utf8")).toBe("exited\n");
    expect(members.size).toBe(0);
  });

  test("waits for running attempts, and ends those that wait", async () => {
    const { pool, run, members } = openPool(kind, { maxSize: 1 });
    await pool.describe();
    const running = run("idAfter", 40);
    const waiting = run("id");
    const stopping = pool.stop();
    expect(await waiting.outcome).toEqual({ kind: "blameless" });
    expect(await running.outcome).toMatchObject({ kind: "finished" });
    await stopping;
    expect(members.size).toBe(0);
    expect(await run("id").outcome).toEqual({ kind: "blameless" });
    await expect(pool.describe()).rejects.toMatchObject({ code: "STOPPED" });
  });

  test("ends a member that is still starting, and one that does not leave", async () => {
    const { pool, run, members } = openPool(kind);
    const described = pool.describe();
    const rejected = expect(described).rejects.toMatchObject({ code: "STOPPED" });
    await pool.stop();
    await rejected;
    expect(members.size).toBe(0);

    const other = openPool(kind);
    await other.run("blockWhenIdle").outcome;
    await other.pool.stop();
    expect(other.members.size).toBe(0);
    expect(await run("id").outcome).toEqual({ kind: "blameless" });
  });

  test("may be called again, and before anything began", async () => {
    const { pool } = openPool(kind);
    await Promise.all([pool.stop(), pool.stop()]);
  });
});

function resultOf(outcome: AttemptOutcome): string | undefined {
  return outcome.kind === "finished" ? outcome.result : undefined;
}
