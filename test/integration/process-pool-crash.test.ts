import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { openPool } from "../fixtures/process-pool.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

const SMALL_HEAP = ["--max-old-space-size=40"];

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
  ])("because it %s leaves its child in use", async (_, name, argument, message) => {
    const { run, started } = openPool();
    const outcome = await run(name, argument).outcome;
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
    if (outcome.kind === "failed") expect(outcome.failure.message).toContain(message);
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
    expect(started).toHaveLength(1);
  });

  test("with a message of 10 MB keeps 8 KiB of it", async () => {
    const { run } = openPool();
    const outcome = await run("throwThing", "huge").outcome;
    if (outcome.kind !== "failed") throw new Error("It has to fail.");
    expect(Buffer.byteLength(outcome.failure.message)).toBeLessThanOrEqual(8 * 1024);
    expect(Buffer.byteLength(outcome.failure.stack ?? "")).toBeLessThanOrEqual(8 * 1024);
    expect(outcome.failure.message).toContain("yyyy");
  });

  test.each([
    ["from a timer", "throwLater", "from a timer"],
    ["by a promise that it left alone", "floating", "left alone"],
  ])("%s has failed, and its child is replaced", async (_, name, message) => {
    const { run, started } = openPool();
    expect(await run(name).outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED", message } });
    expect(started.slice(0, 1).some(isAlive)).toBe(false);
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
    expect(started).toHaveLength(2);
  });
});

describe("a handler whose process ends", () => {
  test.each([0, 1, 7, 255])("by process.exit(%i) is told at once", async (code) => {
    const { run, pool } = openPool();
    await pool.describe();
    const begun = performance.now();
    expect(await run("exit", code).outcome).toMatchObject({
      kind: "failed",
      failure: { code: "TASK_EXITED", message: `The process exited with code ${code}.` },
    });
    expect(performance.now() - begun).toBeLessThan(500);
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
  });

  test.each(["SIGKILL", "SIGTERM", "SIGSEGV", "SIGILL"])("by %s was killed by it", async (signal) => {
    const { run } = openPool();
    const outcome = await run("signal", signal).outcome;
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_KILLED" } });
    if (outcome.kind === "failed") expect(outcome.failure.message).toContain(signal);
  });

  test("by process.abort() was killed, and not for want of memory", async () => {
    const { run } = openPool();
    expect(await run("abortProcess").outcome).toMatchObject({
      failure: { code: "TASK_KILLED", message: "The process was killed by SIGABRT." },
    });
  });

  test("is heard to the last word", async () => {
    const { run } = openPool();
    const attempt = run("exitAfterWords");
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
    expect(attempt.told.progress).toEqual(["0.25"]);
    expect(attempt.told.logs).toMatchObject([{ message: "last words" }]);
  });

  test("takes the processes that it started with it", async () => {
    const { run } = openPool();
    const attempt = run("exitWithFamily");
    const pids = (await attempt.begun) as number[];
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
    expect(await goneAfterMs(pids)).toBeLessThan(100);
  });
});

describe("a handler that runs out of memory", () => {
  test.each([
    ["with many small objects", "manyObjects"],
    ["with one growing array", "oneArray"],
  ])("%s is told so, and the next one runs", async (_, name) => {
    const { run } = openPool({ execArgv: SMALL_HEAP });
    expect(await run(name).outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_OUT_OF_MEMORY" } });
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
  });

  test("with a buffer that is refused has failed with that error", async () => {
    const { run } = openPool();
    expect(await run("buffers").outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_FAILED" } });
  });
});

describe("what an attempt leaves behind", () => {
  test.each(["leaveRejection", "leaveException"])("(%s) does not fail the next one, and is told", async (name) => {
    const { run, warnings, started, pool } = openPool({ maxSize: 1 });
    await pool.describe();
    const first = await run(name, 20).outcome;
    const second = await run("pidAfter", 60).outcome;
    expect(second).toEqual(first);
    expect(warnings).toMatchObject([{ code: "STRAY_REJECTION" }]);
    expect(warnings[0]?.message).toContain(`${JSON.stringify(name)} that is over left something behind`);
    const third = await run("pid").outcome;
    expect(third).toMatchObject({ kind: "finished" });
    expect(third).not.toEqual(first);
    expect(started).toHaveLength(2);
  });

  test.each(["leaveRejection", "leaveException"])("(%s) in an idle child replaces it", async (name) => {
    const { run, children, started, until, warnings } = openPool();
    await run(name, 5).outcome;
    const [pid = 0] = started;
    await until(() => !children.has(pid));
    expect(warnings).toMatchObject([{ code: "STRAY_REJECTION" }]);
    expect(await run("pid").outcome).toMatchObject({ kind: "finished" });
  });
});

describe("handlers that meddle", () => {
  test.each(["send", "listeners", "disconnect"])("with the channel (%s) find none", async (how) => {
    const { run, started } = openPool();
    const first = await run("breakProtocol", how).outcome;
    expect(first).toMatchObject({ kind: "finished" });
    expect(await run("pid").outcome).toEqual(first);
    expect(started).toHaveLength(1);
  });
});

describe("a module that cannot be imported", () => {
  test.each([
    ["throws", 'throw new Error("no database");', "no database"],
    ["does not parse", "export default {", ""],
    ["has no default export", "export const a = () => 1;", "export default defineTasks("],
    ["holds no function", "export default { a: 1 };", '"a" is no function'],
    ["exits", "process.exit(3);", "exited with code 3"],
    ["dies", 'process.kill(process.pid, "SIGSEGV");', "SIGSEGV"],
    ["rejects late", "void Promise.reject(new Error('late')); await new Promise(() => {});", "late"],
  ])("because it %s makes describe reject with the cause", async (_, source, message) => {
    const { pool, children } = openPool({ tasksUrl: moduleOf(source) });
    const error: unknown = await pool.describe().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "Stage3Error", code: "INVALID_OPTION" });
    if (error instanceof Error) expect(error.message).toContain(message);
    expect(children.size).toBe(0);
  });

  test("later on fails one attempt a second, and starts no more children than that", async () => {
    const folder = temporaryFolder();
    const url = moduleOf(
      `import { existsSync } from "node:fs";
       if (existsSync(${JSON.stringify(join(folder, "broken"))})) throw new Error("broken since");
       export default { exit: () => process.exit(1), pid: () => process.pid };`,
    );
    const clock = new VirtualClock();
    const { pool, run, started, children, until } = openPool({ tasksUrl: url, maxSize: 1, clock });
    await pool.describe();
    writeFileSync(join(folder, "broken"), "");
    const attempts = [run("exit"), run("pid"), run("pid")];
    expect(await attempts[0]?.outcome).toMatchObject({ failure: { code: "TASK_EXITED" } });
    expect(await attempts[1]?.outcome).toMatchObject({ failure: { code: "TASK_FAILED" } });
    await until(() => children.size === 0);
    await clock.advance(999);
    expect(started).toHaveLength(2);
    await clock.advance(1);
    expect(await attempts[2]?.outcome).toMatchObject({ failure: { code: "TASK_FAILED" } });
    await until(() => children.size === 0);
    expect(started).toHaveLength(3);
    await clock.advance(60_000);
    expect(started).toHaveLength(3);
  });
});

function moduleOf(source: string): string {
  const file = join(temporaryFolder(), "tasks.mjs");
  writeFileSync(file, source);
  return pathToFileURL(file).href;
}
