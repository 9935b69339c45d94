import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { POOL_TASKS } from "../fixtures/pools.ts";
import { startParent } from "../fixtures/start-parent.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const AT_MOST_MS = 1_000;

const BUSY = [
  ["that wait", "ignore", []],
  ["that spin", "block", []],
  ["in a native call", "nativeCall", []],
  ["with children that spin", "family", [false]],
] as const;

describe.each([
  ["on the main thread", false],
  ["in a thread", true],
])("a pool %s", (_, inThread) => {
  test.each(BUSY)("whose process is killed takes children %s with it", async (_name, name, args) => {
    const parent = startParent({ tasksUrl: POOL_TASKS, inThread, function: name, args });
    const pids = (await parent.next()) as number[];
    expect(pids.every(isAlive)).toBe(true);
    parent.process.kill("SIGKILL");
    expect(await goneAfterMs(pids)).toBeLessThan(AT_MOST_MS);
  });

  test("whose process is killed takes a child with it that imports for ever", async () => {
    const file = join(temporaryFolder(), "tasks.mjs");
    const tasksUrl = pathToFileURL(file).href;
    writeFileSync(file, 'console.log("[]"); for (;;);');
    const parent = startParent({ tasksUrl, inThread });
    const pids = (await parent.next()) as number[];
    expect(await parent.next()).toEqual([]);
    parent.process.kill("SIGKILL");
    expect(await goneAfterMs(pids)).toBeLessThan(AT_MOST_MS);
  });
});

test.each(BUSY)("a thread that is terminated takes its children %s with it", async (_, name, args) => {
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: true, function: name, args });
  const pids = (await parent.next()) as number[];
  expect(pids.every(isAlive)).toBe(true);
  parent.process.stdin?.write("terminate\n");
  expect(await goneAfterMs(pids)).toBeLessThan(AT_MOST_MS);
  expect(parent.process.exitCode).toBeNull();
});

test("a process whose pool has stopped ends by itself", async () => {
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: false, function: "add", args: [1, 2] });
  const exited = once(parent.process, "exit");
  expect(await parent.next()).toEqual({ kind: "finished", result: "3" });
  parent.process.stdin?.end();
  expect(await exited).toEqual([0, null]);
});
