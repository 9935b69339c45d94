import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ChildTable } from "../../../src/engine/thread/child-table.ts";

const NEVER = new Promise<never>(() => {});

interface Sleeper {
  readonly id: number;
  readonly exited: Promise<unknown>;
}

function startSleeper(): Sleeper {
  const child = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
  return { id: child.pid ?? 0, exited: once(child, "exit") };
}

test("ends what is in it, and resolves once that is removed", async () => {
  const table = new ChildTable();
  const { id, exited } = table.start(startSleeper);
  let hasExited = false;
  const reap = async (): Promise<void> => {
    await exited;
    hasExited = true;
    table.remove(id);
  };
  void reap();
  await table.end(systemClock, NEVER);
  expect(hasExited).toBe(true);
  expect(table.isClosed).toBe(true);
});

test("starts nothing once it is closed", async () => {
  const table = new ChildTable();
  await table.end(systemClock, NEVER);
  expect(() => table.start(startSleeper)).toThrow("no child is started any more");
  await table.end(systemClock, NEVER);
});

test("kills what is started while it is closed", async () => {
  const table = new ChildTable();
  const closer = new ChildTable(table.buffer);
  let ended: Promise<void> | undefined;
  const { id, exited } = table.start(() => {
    ended = closer.end(systemClock, NEVER);
    return startSleeper();
  });
  expect(await exited).toEqual([null, "SIGKILL"]);
  table.remove(id);
  await ended;
});

test("waits no longer than a second for a thread that reaps nothing, and not for one that is gone", async () => {
  const table = new ChildTable();
  const { exited } = table.start(startSleeper);
  const asked = performance.now();
  await table.end(systemClock, NEVER);
  expect(performance.now() - asked).toBeGreaterThan(900);
  expect(performance.now() - asked).toBeLessThan(1_500);
  await exited;
  const askedAgain = performance.now();
  await table.end(systemClock, Promise.resolve());
  expect(performance.now() - askedAgain).toBeLessThan(500);
});
