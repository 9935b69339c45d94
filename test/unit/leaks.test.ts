import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { difference, takeSnapshot } from "../support/leak-snapshot.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const hasProc = process.platform === "linux"; // what /proc shows, no other system does

/** What is there after `start` that was not there before, in words; then ends it all. */
async function leftBy(start: () => unknown): Promise<string[]> {
  const before = takeSnapshot();
  await start();
  for (let turns = 0; turns < 3; turns += 1) await turn(); // handles are closed some turns after their last event
  const leaks = difference(takeSnapshot(), before);
  onTestFinished(() => {
    for (const { end } of leaks) end?.();
  });
  return leaks.map(({ description }) => description);
}

test("nothing is left by code that tidies up", async () => {
  const left = await leftBy(async () => {
    clearTimeout(setTimeout(() => undefined, 60_000));
    const worker = new Worker("setInterval(() => undefined, 1_000)", { eval: true });
    await once(worker, "online");
    await worker.terminate();
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(child, "close");
  });
  expect(left).toEqual([]);
});

test.each([
  ["a timer", () => setTimeout(() => undefined, 60_000)],
  ["a timer that keeps nothing alive", () => setTimeout(() => undefined, 60_000).unref()],
  ["an interval", () => setInterval(() => undefined, 60_000)],
])("%s is seen, and where it was started", async (_name, start) => {
  const left = await leftBy(start);
  expect(left).toEqual([expect.stringMatching(/^timer, started .*leaks\.test\.ts/u)]);
});

test("a timer that has fired is over", async () => {
  const left = await leftBy(() => new Promise((resolve) => setTimeout(resolve, 1)));
  expect(left).toEqual([]);
});

test("a worker thread is seen", async () => {
  const left = await leftBy(async () => {
    const worker = new Worker("setInterval(() => undefined, 1_000)", { eval: true });
    await once(worker, "online");
    worker.unref();
  });
  expect(left).toEqual([expect.stringContaining("worker thread")]);
});

test.runIf(hasProc)("a child is seen", async () => {
  const left = await leftBy(() => spawn("sleep", ["60"], { stdio: "ignore" }));
  expect(left).toContainEqual(expect.stringMatching(/^process \d+/u));
});

test.runIf(hasProc)("a grandchild whose parent has gone is seen", async () => {
  const left = await leftBy(async () => {
    const shell = spawn("sh", ["-c", "sleep 60 & exit 0"], { stdio: "ignore", detached: true });
    await once(shell, "exit");
  });
  expect(left).toEqual([expect.stringMatching(/^process \d+ \(.*sleep 60/u)]);
});

test.runIf(hasProc)("a listening socket is seen, also one that keeps nothing alive", async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const left = await leftBy(async () => {
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
  });
  expect(left).toEqual([expect.stringMatching(/^listening socket on port \d+$/u)]);
});

test.runIf(hasProc)("a database that was not closed is seen", async () => {
  const file = join(temporaryFolder(), "tasks.db");
  let database: DatabaseSync | undefined;
  const left = await leftBy(() => {
    database = new DatabaseSync(file);
  });
  database?.close();
  expect(left).toEqual([`open file ${file}`]);
});

test("a temporary file is seen", async () => {
  let folder = "";
  const left = await leftBy(() => {
    folder = mkdtempSync(join(tmpdir(), "left-"));
  });
  rmSync(folder, { recursive: true });
  expect(left).toEqual([`temporary file ${folder}`]);
});
