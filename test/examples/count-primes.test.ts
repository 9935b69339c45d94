import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { call, enqueue, waitForStatus } from "./support/calls.ts";
import { failuresOf } from "./support/dead-letters.ts";
import { startExample, type ExampleServer } from "./support/example-server.ts";

const run = promisify(execFile);
const anHourOfWork = 1_000_000_000_000;

test("a task of pure computation is aborted while it runs", async () => {
  const server = await startExample();
  const id = await enqueue(server, { topic: "default", function: "count primes", args: [anHourOfWork] });
  await waitForStatus(server, id, "running");

  const startedAt = performance.now();
  expect(await call(server, "DELETE", id)).toEqual({ status: 200, body: { message: "Task aborted", status: "ok" } });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await call(server, "GET", id)).toEqual({ status: 200, body: { status: "aborted" } });
  expect(await call(server, "DELETE", id)).toEqual(error(409, "Task is already aborted"));
});

test("a count that is aborted ends by itself within its grace", async () => {
  const server = await startExample();
  const id = await enqueue(server, {
    topic: "default",
    function: "count primes",
    args: [anHourOfWork],
  });
  await waitForStatus(server, id, "running");
  expect(await call(server, "DELETE", id)).toMatchObject({ status: 200 });
  expect(server.output()).toMatch(/log: default "count primes" \S+, attempt 1: \d+ primes up to \d+\n/u);
});

test("a task that has finished, and one that never was, cannot be aborted", async () => {
  const server = await startExample();
  const id = await enqueue(server, { topic: "report", function: "count primes", args: [1_000_000] });
  await waitForStatus(server, id, "finished");
  expect(await call(server, "DELETE", id)).toEqual(error(409, "Task is already finished"));

  const unknown = "019a0000-0000-7000-8000-000000000001";
  expect(await call(server, "DELETE", unknown)).toEqual(error(404, "Task is not found"));
  expect(await call(server, "GET", unknown)).toEqual(error(404, "Task is not found"));
});

test("on a topic whose tasks run inline it still runs in a process of its own", async () => {
  const server = await startExample();
  const args = [anHourOfWork];
  const id = await enqueue(server, { topic: "emails", function: "count primes", args, maxRestarts: 0 });
  await waitForStatus(server, id, "running");
  for (const pid of await childrenOf(server)) process.kill(pid, "SIGKILL");
  await waitForStatus(server, id, "in_dead_letter_queue");
  expect(await failuresOf(server, id)).toEqual([expect.objectContaining({ code: "TASK_KILLED" })]);
  expect(await call(server, "GET", "health/live")).toMatchObject({ status: 200 });
});

function error(status: number, message: string): { status: number; body: unknown } {
  return { status, body: { message, status: "error" } };
}

/** The children in which the server's tasks run: the tasks module is the last word of their command lines. */
async function childrenOf(server: ExampleServer): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-ww", "-o", "ppid=,pid=,args="]);
  const processes = stdout.split("\n").map((line) => line.trim().split(/\s+/u));
  return processes
    .filter(([parent, , ...command]) => Number(parent) === server.pid && command.at(-1)?.startsWith("file:") === true)
    .map(([, pid]) => Number(pid));
}
