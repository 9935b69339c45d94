import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskOptions } from "stage3queue";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CliProcess, PROJECT, runCli, type CliWorld } from "./cli-process.ts";

const UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

let world: CliWorld;
let file: string;
beforeEach(() => {
  file = join(temporaryFolder(), "queue.db");
  world = { folder: PROJECT, environment: { STAGE3_DATABASE: `sqlite:${file}` } };
});

async function worker(): Promise<CliProcess> {
  const cli = await CliProcess.start(["start", "--no-http"], world);
  await cli.line(/^Stage3Queue is ready/);
  return cli;
}

/** What a worker that has run and stopped leaves: a database in which the topic and its functions are registered. */
let left: Buffer | undefined;

async function registered(): Promise<void> {
  if (left !== undefined) return writeFileSync(file, left);
  const cli = await worker();
  cli.kill("SIGTERM");
  expect(await cli.exit).toBe(0);
  left = readFileSync(file);
}

async function enqueue(functionName: string, args: unknown[] = []): Promise<string> {
  const { code, stdout, stderr } = await runCli(["enqueue", "default", functionName, JSON.stringify(args)], world);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("enqueue, status, abort, queues", () => {
  it("stores a task, tells its status, and aborts it", async () => {
    await registered();
    const id = await enqueue("echo", ["x"]);
    expect(await runCli(["status", id], world)).toEqual({ code: 0, stdout: "queued", stderr: "" });
    expect(await runCli(["abort", id], world)).toEqual({ code: 0, stdout: "Task aborted", stderr: "" });
    expect(await runCli(["abort", id], world)).toEqual({ code: 1, stdout: "", stderr: "Task is already aborted" });
    expect((await runCli(["queues"], world)).stdout).toBe(
      [
        "TOPIC    QUEUED  DELAYED  UNCLAIMABLE  OLDEST  RUNNING  FINISHED  DEAD-LETTER  ABORTED",
        "default  0       0        0            -       0        0         0            1",
      ].join("\n"),
    );
  });

  it("prints JSON where asked to, errors too", async () => {
    await registered();
    const { stdout } = await runCli(["enqueue", "default", "echo", "--priority", "1", "--json"], world);
    const { id } = JSON.parse(stdout) as { id: string };
    expect(JSON.parse(stdout)).toEqual({ id });
    const json = async (...args: string[]): Promise<unknown> => {
      const result = await runCli([...args, "--json"], world);
      return result.code === 0 ? JSON.parse(result.stdout) : JSON.parse(result.stderr);
    };
    expect(await json("status", id)).toMatchObject({ id, status: "queued" });
    expect(await json("queues")).toEqual([
      {
        topic: "default",
        queued: 1,
        delayed: 0,
        running: 0,
        finished: 0,
        inDeadLetterQueue: 0,
        aborted: 0,
        paused: false,
        oldestQueuedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        unclaimable: 1,
      },
    ]);
    expect((await runCli(["queues"], world)).stdout).toMatch(/^default +1 +0 +1 +\d+s +0/m);
    expect(await json("abort", id)).toEqual({ id, status: "aborted" });
    expect(await json("abort", id)).toEqual({ message: "Task is already aborted", status: "error" });
    expect(await json("enqueue", "default", "echo", "--priority", "11")).toMatchObject({
      status: "error",
      code: "INVALID_PRIORITY",
    });
  });

  it("takes every option of an enqueue, and prints the whole task as JSON", async () => {
    await registered();
    const flags = {
      priority: ["--priority", "2"],
      timeout: ["--timeout", "30s"],
      abortGrace: ["--abort-grace", "500"],
      maxRestarts: ["--max-restarts", "3"],
      maxBackoff: ["--max-backoff", "0"],
      expires: ["--expires", "1h"],
      runAt: ["--run-at", "2126-01-31T08:00:00+01:00"],
      idempotencyKey: ["--idempotency-key", "key-1"],
    } satisfies Required<Record<Exclude<keyof TaskOptions, "delay">, [flag: string, value: string]>>;
    const enqueueCall = ["enqueue", "default", "echo", '["x"]', ...Object.values(flags).flat()];
    const { stdout: id } = await runCli(enqueueCall, world);
    expect(await runCli(enqueueCall, world)).toEqual({ code: 0, stdout: id, stderr: "" });
    expect(await runCli([...enqueueCall, "--timeout", "31s"], world)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("key") as string,
    });
    expect(JSON.parse((await runCli(["status", id, "--json"], world)).stdout)).toEqual({
      id,
      topic: "default",
      function: "echo",
      args: ["x"],
      priority: 2,
      status: "queued",
      attempt: 0,
      maxRestarts: 3,
      enqueuedAt: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
      runAt: "2126-01-31T07:00:00.000Z",
      failures: [],
      failureCount: 0,
    });
    expect(await runCli([...enqueueCall, "--delay", "1m"], world)).toMatchObject({
      code: 1,
      stderr: "delay and runAt cannot be given together; leave one of them out.",
    });
  });

  it.each([
    [["enqueue", "default", "echo", "--timeout", "soon"], /timeout/],
    [["enqueue", "default", "echo", "--max-restarts", "1.5"], /maxRestarts/],
    [["enqueue", "unknown", "echo"], /unknown/],
    [["enqueue", "default", "unknown"], /unknown/],
    [["enqueue", "default", "__proto__"], /__proto__/],
    [["enqueue", "default", "echo", "--priority", "0"], /priority/],
    [["enqueue", "default", "echo", "--priority", "1.5"], /priority/],
    [["enqueue", "default", "echo", '["\\u0000"]'], /args\[0\]/],
    [["status", UNKNOWN_ID], /^Task is not found$/],
    [["status", "no-id"], /^Task is not found$/],
    [["abort", UNKNOWN_ID], /^Task is not found$/],
    [["dlq", "requeue", UNKNOWN_ID], /^Task is not in the dead-letter queue$/],
    [["dlq", "discard", "no-id"], /^Task is not in the dead-letter queue$/],
    [["dlq", "list", "--limit", "0"], /limit/],
  ])("%j exits 1 with a sentence", async (args, stderr) => {
    await registered();
    const result = await runCli(args, world);
    expect(result).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(stderr) as string });
    expect(result.stderr.split("\n")).toHaveLength(1);
  });

  it.each([
    [["queues"]],
    [["status", UNKNOWN_ID]],
    [["abort", UNKNOWN_ID]],
    [["dlq", "list"]],
    [["dlq", "requeue", UNKNOWN_ID]],
    [["dlq", "discard", UNKNOWN_ID]],
  ])("%j makes no database", async (args) => {
    const folder = join(temporaryFolder(), "none");
    const missing = join(folder, "queue.db");
    const nowhere = { ...world, environment: { STAGE3_DATABASE: `sqlite:${missing}` } };
    const stderr = expect.stringContaining(`There is no database ${missing}. `) as string;
    expect(await runCli(args, nowhere)).toEqual({ code: 1, stdout: "", stderr });
    expect(existsSync(folder)).toBe(false);
    const { stderr: json } = await runCli([...args, "--json"], nowhere);
    expect(JSON.parse(json)).toMatchObject({ status: "error" });
  });

  it("aborts a task that runs in another process", async () => {
    const cli = await worker();
    const id = await enqueue("spin");
    while ((await runCli(["status", id], world)).stdout !== "running");
    expect(await runCli(["abort", id], world)).toMatchObject({ code: 0, stdout: "Task aborted" });
    await cli.line(/^aborted: /);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);
  });
});

describe("dlq", () => {
  it("lists, queues again and discards", async () => {
    const cli = await worker();
    const id = await enqueue("fail", ["no such\nhost"]);
    await cli.line(/^failed: /);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);

    const { stdout } = await runCli(["dlq", "list", "--topic", "default"], world);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^ID +TOPIC +FUNCTION +ENDED +LAST FAILURE$/),
      expect.stringMatching(new RegExp(`^${id}  default  fail +\\d{4}-.*Z  TASK_FAILED: no such host$`)),
    ]);
    const listed = JSON.parse((await runCli(["dlq", "list", "--json"], world)).stdout) as unknown;
    expect(listed).toMatchObject([{ id, topic: "default", function: "fail", status: "in_dead_letter_queue" }]);
    expect(await runCli(["dlq", "list", "--topic", "other"], world)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await runCli(["dlq", "list", "--after", id, "--json"], world)).toMatchObject({ code: 0, stdout: "[]" });

    expect(await runCli(["dlq", "requeue", id], world)).toMatchObject({ code: 0, stdout: "Task queued again" });
    expect(await runCli(["status", id], world)).toMatchObject({ code: 0, stdout: "queued" });
    expect(await runCli(["dlq", "discard", id], world)).toMatchObject({ code: 1 });
  });

  it("discards for good", async () => {
    const cli = await worker();
    const id = await enqueue("fail", ["x"]);
    await cli.line(/^failed: /);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);
    expect(await runCli(["dlq", "discard", id], world)).toMatchObject({ code: 0, stdout: "Task discarded" });
    expect(await runCli(["status", id], world)).toMatchObject({ code: 1, stderr: "Task is not found" });
  });
});

describe("without a configuration", () => {
  it("acts on the database of --database, STAGE3_DATABASE or the default, in that order", async () => {
    await registered();
    const id = await enqueue("echo", ["x"]);
    const folder = temporaryFolder();
    const database = world.environment?.["STAGE3_DATABASE"] ?? "";
    const elsewhere = { folder, environment: { STAGE3_DATABASE: "sqlite:other.db" } };
    expect(await runCli(["status", id, "--database", database], elsewhere)).toMatchObject({ code: 0 });
    expect(await runCli(["status", id], elsewhere)).toMatchObject({ code: 1 });
    expect(await runCli(["status", id], { folder, environment: world.environment ?? {} })).toMatchObject({ code: 0 });
    expect(await runCli(["status", id], { folder })).toMatchObject({ code: 1 });
  });
});
