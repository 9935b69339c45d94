import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { openPool } from "../fixtures/process-pool.ts";

/** What may pass between the end of the grace and the end of the last process. */
const PROMPT_MS = 100;

/** Promptness is judged by the quickest of a few tries: the machine may be busy with something else. */
const TRIES = { retry: 2 };

describe("aborting a handler that obeys its signal", TRIES, () => {
  test("keeps its own outcome, and its child goes all the same", async () => {
    const { run, children } = openPool();
    const attempt = run("obey");
    const pid = Number(await attempt.begun);
    attempt.abort("timeout", 10_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
    expect(isAlive(pid)).toBe(false);
    expect(children.has(pid)).toBe(false);
  });

  test("that still returns something has finished", async () => {
    const { run } = openPool();
    const attempt = run("obeyAndReturn");
    const pid = Number(await attempt.begun);
    attempt.abort("abort", 10_000);
    expect(await attempt.outcome).toEqual({ kind: "finished", result: '"tidied up"' });
    expect(isAlive(pid)).toBe(false);
  });

  test("takes the processes that it started with it", async () => {
    const { run } = openPool();
    const attempt = run("family", true);
    const pids = (await attempt.begun) as number[];
    expect(pids.every(isAlive)).toBe(true);
    attempt.abort("abort", 10_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed" });
    expect(await goneAfterMs(pids)).toBeLessThan(PROMPT_MS);
  });
});

describe("aborting a handler that does not obey", TRIES, () => {
  test.each([
    ["ignores its signal", "ignore"],
    ["blocks its event loop", "block"],
    ["is in a synchronous native call", "nativeCall"],
  ])("and %s kills it promptly after the grace", async (_, name) => {
    const { run, started } = openPool();
    const attempt = run(name);
    const pid = Number(await attempt.begun);
    const asked = performance.now();
    attempt.abort("abort", 200);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    const tookMs = performance.now() - asked;
    expect(isAlive(pid)).toBe(false);
    expect(tookMs).toBeGreaterThanOrEqual(200 - 1);
    expect(tookMs).toBeLessThan(200 + PROMPT_MS);
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
    expect(started).toHaveLength(2);
  });

  test("kills its spinning children and grandchildren too", async () => {
    const { run } = openPool();
    const attempt = run("family", false);
    const pids = (await attempt.begun) as number[];
    expect(pids).toHaveLength(3);
    const asked = performance.now();
    attempt.abort("timeout", 50);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    await goneAfterMs(pids);
    expect(performance.now() - asked).toBeLessThan(50 + PROMPT_MS);
  });

  test("without grace kills it at once", async () => {
    const { run } = openPool();
    const attempt = run("block");
    await attempt.begun;
    const asked = performance.now();
    attempt.abort("abort", 0);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
    expect(performance.now() - asked).toBeLessThan(PROMPT_MS);
  });
});

describe("aborting at another moment", () => {
  test("while it waits for a child keeps it from starting", async () => {
    const { pool, run } = openPool({ maxSize: 1 });
    await pool.describe();
    const first = run("block");
    await first.begun;
    const waiting = run("log", "never");
    waiting.abort("abort", 10_000);
    expect(await waiting.outcome).toEqual({ kind: "killed" });
    expect(waiting.told.logs).toEqual([]);
    first.abort("abort", 0);
    await first.outcome;
  });

  test("in the same turn as it starts gets through", async () => {
    const { pool, run } = openPool();
    await pool.describe();
    const attempt = run("obey");
    attempt.abort("abort", 10_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed" });
  });

  test("when it has ended changes nothing, and the child stays", async () => {
    const { run, started } = openPool();
    const attempt = run("pid");
    const outcome = await attempt.outcome;
    attempt.abort("abort", 0);
    expect(await attempt.outcome).toEqual(outcome);
    expect(await run("pid").outcome).toEqual(outcome);
    expect(started).toHaveLength(1);
  });

  test("a second time does not shorten the grace", async () => {
    const { run } = openPool();
    const attempt = run("obey");
    await attempt.begun;
    attempt.abort("abort", 10_000);
    attempt.abort("shutdown", 0);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
  });

  test("a handler that exits when it is asked has exited", async () => {
    const { run } = openPool();
    const attempt = run("exitWhenAborted");
    await attempt.begun;
    attempt.abort("abort", 10_000);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_EXITED" } });
  });
});

test("other attempts do not notice", async () => {
  const { pool, run } = openPool();
  await pool.describe();
  const stubborn = run("block");
  const others = Array.from({ length: 6 }, () => run("pidAfter", 40));
  await stubborn.begun;
  stubborn.abort("abort", 20);
  expect(await stubborn.outcome).toEqual({ kind: "killed" });
  for (const { outcome } of others) expect(await outcome).toMatchObject({ kind: "finished" });
});
