import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPool, POOLS } from "../fixtures/pools.ts";
import { moduleOf } from "../fixtures/module-of.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

describe.each(POOLS)("in a pool of $of", (kind) => {
  describe("a handler that fails", () => {
    test.each([
      ["throws an error", "throwError", undefined, "boom"],
      ["rejects", "reject", undefined, "rejected"],
      ["throws null", "throwThing", "null", "null"],
      ["throws undefined", "throwThing", "undefined", "undefined"],
      ["throws a symbol", "throwThing", "symbol", "Symbol(symbol)"],
      ["throws a cycle", "throwThing", "cycle", "round and round"],
      ["throws something frozen", "throwThing", "frozen", "cold"],
      ["throws what throws when it is read", "throwThing", "getter", ""],
      ["throws a proxy that throws", "throwThing", "proxy", ""],
    ])("because it %s leaves its member in use", async (_, name, argument, message) => {
      const { run, started } = openPool(kind);
      const outcome = await run(name, argument).outcome;
      expect(outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
      if (outcome.kind === "failed") expect(outcome.failure.message).toContain(message);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(started).toHaveLength(1 + kind.spares);
    });

    test("with a message of 10 MB keeps 8 KiB of it", async () => {
      const { run } = openPool(kind);
      const outcome = await run("throwThing", "huge").outcome;
      if (outcome.kind !== "failed") throw new Error("It has to fail.");
      expect(Buffer.byteLength(outcome.failure.message)).toBeLessThanOrEqual(8 * 1024);
      expect(Buffer.byteLength(outcome.failure.stack ?? "")).toBeLessThanOrEqual(8 * 1024);
      expect(outcome.failure.message).toContain("yyyy");
    });

    test.each([
      ["from a timer", "throwLater", "from a timer"],
      ["by a promise that it left alone", "floating", "left alone"],
    ])("%s has failed, and its member is replaced", async (_, name, message) => {
      const { run, started } = openPool(kind);
      expect(await run(name).outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED", message } });
      expect(started.slice(0, 1).some(kind.isAlive)).toBe(false);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(started).toHaveLength(2 + kind.spares);
    });
  });

  describe("a handler whose process or thread ends", () => {
    test.each([0, 1, 7, 255])("by process.exit(%i) is told at once", async (code) => {
      const { run, pool } = openPool(kind);
      await pool.describe();
      const begun = performance.now();
      expect(await run("exit", code).outcome).toMatchObject({
        kind: "failed",
        failure: {
          code: "TASK_EXITED",
          message: `The ${kind.of === "processes" ? "process" : "thread"} exited with code ${code}.`,
        },
      });
      expect(performance.now() - begun).toBeLessThan(500);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
    });

    test("is heard to the last word", async () => {
      const { run } = openPool(kind);
      const attempt = run("exitAfterWords", 1);
      expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
      expect(attempt.told.progress).toEqual(["0.25"]);
      expect(attempt.told.logs).toMatchObject([{ message: "word 1" }]);
    });
  });

  describe("a handler that runs out of memory", () => {
    test("with many small objects is told so, and the next one runs", async () => {
      const { run } = openPool(kind, kind.smallHeap);
      expect(await run("manyObjects").outcome).toMatchObject({
        kind: "failed",
        failure: { code: "TASK_OUT_OF_MEMORY" },
      });
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
    });

    test("with a buffer that is refused has failed with that error", async () => {
      const { run } = openPool(kind);
      expect(await run("buffers").outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
    });
  });

  describe("what an attempt leaves behind", () => {
    test.each(["rejection", "exception"])("(a late %s) does not fail the next one, and is told", async (how) => {
      const { run, warnings, started, pool } = openPool(kind, { maxSize: 1 });
      await pool.describe();
      const first = await run("leaveForNext", how).outcome;
      const second = await run("idAfterFailure").outcome;
      expect(second).toEqual(first);
      expect(warnings).toMatchObject([{ code: "STRAY_REJECTION" }]);
      expect(warnings[0]?.message).toContain(`"leaveForNext" that is over left something behind`);
      const third = await run("id").outcome;
      expect(third).toMatchObject({ kind: "finished" });
      expect(third).not.toEqual(first);
      expect(started).toHaveLength(2 + kind.spares);
    });

    test("(a late exit) does not fail the next one, and is told", async () => {
      const { run, warnings, pool } = openPool(kind, { maxSize: 1 });
      await pool.describe();
      const first = await run("leaveForNext", "exit").outcome;
      expect(await run("idAfterFailure").outcome).toEqual({ kind: "blameless" });
      expect(warnings).toMatchObject([{ code: "STRAY_EXIT" }]);
      expect(warnings[0]?.message).toContain(`"leaveForNext" that is over left something behind`);
      const next = await run("id").outcome;
      expect(next).toMatchObject({ kind: "finished" });
      expect(next).not.toEqual(first);
    });

    test.each(["leaveRejection", "leaveException"])("(%s) in an idle member replaces it", async (name) => {
      const { run, members, started, until, warnings } = openPool(kind);
      await run(name, 5).outcome;
      const [id = 0] = started;
      await until(() => !members.has(id));
      expect(warnings).toMatchObject([{ code: "STRAY_REJECTION" }]);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
    });
  });

  describe("handlers that meddle", () => {
    test.each(["send", "listeners", "disconnect"])("with the channel (%s) find none", async (how) => {
      const { run, started } = openPool(kind);
      const first = await run("breakProtocol", how).outcome;
      expect(first).toMatchObject({ kind: "finished" });
      if (kind.spares === 0) expect(await run("id").outcome).toEqual(first);
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(started).toHaveLength(1 + kind.spares);
    });
  });

  describe("a module that cannot be imported", () => {
    test.each([
      ["throws", 'throw new Error("no database");', "no database"],
      ["does not parse", "export default {", ""],
      ["has no default export", "export const a = () => 1;", "export default defineTasks("],
      ["holds no function", "export default { a: 1 };", '"a" is not a function'],
      ["exits", "process.exit(3);", "exited with code 3"],
      ["rejects late", "void Promise.reject(new Error('late')); await new Promise(() => {});", "late"],
    ])("because it %s makes describe reject with the cause", async (_, source, message) => {
      const { pool, members } = openPool(kind, { tasksUrl: moduleOf(source) });
      const error: unknown = await pool.describe().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "Stage3Error", code: "INVALID_OPTION" });
      if (error instanceof Error) expect(error.message).toContain(message);
      expect(members.size).toBe(0);
    });

    test("later on is no attempt's fault, is told once, and is tried again until it can be imported", async () => {
      const obstacle = join(temporaryFolder(), "broken");
      const url = moduleOf(
        `import { existsSync } from "node:fs";
       if (existsSync(${JSON.stringify(obstacle)})) throw new Error("broken since");
       export default { exit: () => process.exit(1), id: () => 1 };`,
      );
      const clock = new VirtualClock();
      const opened = openPool(kind, { tasksUrl: url, maxSize: 1, clock });
      const { pool, run, started, members, until, warnings, unavailable } = opened;
      await pool.describe();
      writeFileSync(obstacle, "");
      const attempts = [run("exit"), run("id")];
      expect(await attempts[0]?.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
      expect(await attempts[1]?.outcome).toEqual({ kind: "blameless" });
      await until(() => members.size === 0 && unavailable.length > 0);
      expect(unavailable).toEqual([{ cannotStart: true, functions: new Set(["exit", "id"]) }]);
      expect(await run("id").outcome).toEqual({ kind: "blameless" });
      const tried = started.length;
      expect(tried).toBeLessThanOrEqual(2 + kind.spares);
      await clock.advance(1_000);
      expect(started).toHaveLength(tried + 1);
      await until(() => members.size === 0);
      await clock.advance(1_999);
      expect(started).toHaveLength(tried + 1);
      rmSync(obstacle);
      await clock.advance(1);
      await until(() => unavailable.length > 1);
      expect(unavailable.at(-1)).toEqual({ cannotStart: false, functions: new Set() });
      expect(await run("id").outcome).toMatchObject({ kind: "finished" });
      expect(warnings).toMatchObject([{ code: "WORKER_CANNOT_START" }]);
      expect(warnings[0]?.message).toContain("broken since");
    });
  });
});
