import { describe, expect, test } from "vitest";
import { openPool, POOLS } from "../fixtures/pools.ts";

/** What may pass between the end of the grace and the end of the last process. */
const PROMPT_MS = 100;

/** Promptness is judged by the quickest of a few tries: the machine may be busy with something else. */
const TRIES = { retry: 2 };

describe.each(POOLS)("in a pool of $of", (kind) => {
  describe("aborting a handler that obeys its signal", TRIES, () => {
    test("keeps its own outcome, and its member goes all the same", async () => {
      const { run, members } = openPool(kind);
      const attempt = run("obey");
      const id = Number(await attempt.begun);
      attempt.abort("timeout", 10_000);
      expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
      expect(kind.isAlive(id)).toBe(false);
      expect(members.has(id)).toBe(false);
    });

    test("that still returns something has finished", async () => {
      const { run } = openPool(kind);
      const attempt = run("obeyAndReturn");
      const id = Number(await attempt.begun);
      attempt.abort("abort", 10_000);
      expect(await attempt.outcome).toEqual({ kind: "finished", result: '"tidied up"' });
      expect(kind.isAlive(id)).toBe(false);
    });
  });

  describe("aborting a handler that does not obey", TRIES, () => {
    test.each([
      ["ignores its signal", "ignore"],
      ["blocks its event loop", "block"],
    ])("and %s kills it promptly after the grace", async (_, name) => {
      const { run, started } = openPool(kind);
      const attempt = run(name);
      const id = Number(await attempt.begun);
      const asked = performance.now();
      attempt.abort("abort", 200);
      expect(await attempt.outcome).toEqual({ kind: "killed" });
      const tookMs = performance.now() - asked;
      expect(kind.isAlive(id)).toBe(false);
      expect(tookMs).toBeGreaterThanOrEqual(200 - 1);
      expect(tookMs).toBeLessThan(200 + PROMPT_MS);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(started.length).toBe(2 + kind.spares);
    });

    test("without grace kills it at once", async () => {
      const { run } = openPool(kind);
      const attempt = run("block");
      await attempt.begun;
      const asked = performance.now();
      attempt.abort("abort", 0);
      expect(await attempt.outcome).toEqual({ kind: "killed" });
      expect(performance.now() - asked).toBeLessThan(PROMPT_MS);
    });
  });

  test("a handler is heard while it spins", async () => {
    const { run } = openPool(kind);
    const attempt = run("spinAfter", 0.5, "words");
    expect(await attempt.begun).toBe(0.5);
    expect(attempt.told).toMatchObject({ progress: ["0.5"], logs: [{ message: "words" }] });
    attempt.abort("abort", 0);
    expect(await attempt.outcome).toEqual({ kind: "killed" });
  });

  describe("aborting at another moment", () => {
    test("while it waits for a member keeps it from starting", async () => {
      const { pool, run } = openPool(kind, { maxSize: 1 });
      await pool.describe();
      const first = run("block");
      await first.begun;
      const waiting = run("log", "never");
      waiting.abort("abort", 10_000);
      expect(await waiting.outcome).toEqual({ kind: "blameless" });
      expect(waiting.told.logs).toEqual([]);
      first.abort("abort", 0);
      await first.outcome;
    });

    test("in the same turn as it starts gets through", async () => {
      const { pool, run } = openPool(kind);
      await pool.describe();
      const attempt = run("obey");
      attempt.abort("abort", 10_000);
      expect(await attempt.outcome).toMatchObject({ kind: "failed" });
    });

    test("when it has ended changes nothing, and the member stays", async () => {
      const { run, started, members } = openPool(kind);
      const attempt = run("id");
      const outcome = await attempt.outcome;
      attempt.abort("abort", 0);
      expect(await attempt.outcome).toEqual(outcome);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(started).toHaveLength(1 + kind.spares);
      expect(members.size).toBe(1 + kind.spares);
    });

    test("a second time does not shorten the grace", async () => {
      const { run } = openPool(kind);
      const attempt = run("obey");
      await attempt.begun;
      attempt.abort("abort", 10_000);
      attempt.abort("shutdown", 0);
      expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
    });

    test("a handler that exits when it is asked has exited", async () => {
      const { run } = openPool(kind);
      const attempt = run("exitWhenAborted");
      await attempt.begun;
      attempt.abort("abort", 10_000);
      expect(await attempt.outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_EXITED" } });
    });
  });

  test("other attempts do not notice", async () => {
    const { pool, run } = openPool(kind);
    await pool.describe();
    const stubborn = run("block");
    const others = Array.from({ length: 6 }, () => run("idAfter", 40));
    await stubborn.begun;
    stubborn.abort("abort", 20);
    expect(await stubborn.outcome).toEqual({ kind: "killed" });
    for (const { outcome } of others) expect(await outcome).toMatchObject({ kind: "finished" });
  });
});
