import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CliProcess, PROJECT, runCli, type CliWorld } from "./cli-process.ts";

function world(environment: Readonly<Record<string, string>> = {}): CliWorld {
  const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
  return { folder: PROJECT, environment: { STAGE3_DATABASE: database, ...environment } };
}

async function call(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const headers = { connection: "close", "content-type": "application/json" };
  const response = await fetch(url, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

async function enqueue(url: string, functionName: string, args: unknown[] = []): Promise<string> {
  const body = JSON.stringify({ topic: "default", function: functionName, args });
  const answer = await call(url, { method: "POST", body });
  expect(answer).toMatchObject({ status: 200, body: { status: "ok" } });
  return (answer.body as { id: string }).id;
}

/** Asks again and again, as a client without a better means does. */
async function until(url: string, id: string, status: string): Promise<void> {
  for (;;) {
    const { body } = await call(`${url}/${id}`);
    if ((body as { status: string }).status === status) return;
  }
}

describe("start", () => {
  it("runs tasks and serves the REST API until SIGTERM", async () => {
    const cli = await CliProcess.start(["start"], world());
    const url = await cli.url();
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    const finished = await enqueue(url, "log and echo", ["hello"]);
    await until(url, finished, "finished");
    expect(await cli.line(/^log: /)).toBe(
      `log: default "log and echo" ${finished}, attempt 1: echoing {"value":"hello"}`,
    );

    const endless = await enqueue(url, "spin");
    await until(url, endless, "running");
    expect(await call(`${url}/${endless}`, { method: "DELETE" })).toEqual({
      status: 200,
      body: { message: "Task aborted", status: "ok" },
    });
    expect(await call(`${url}/health/ready`)).toEqual({ status: 200, body: { status: "ok" } });

    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("reports a failed task", async () => {
    const cli = await CliProcess.start(["start"], world());
    const url = await cli.url();
    const id = await enqueue(url, "fail", ["no such host"]);
    await until(url, id, "in_dead_letter_queue");
    expect(await cli.line(/^failed: /)).toBe(
      `failed: default "fail" ${id}, attempt 1: TASK_FAILED: no such host (it is in the dead-letter queue)`,
    );
    cli.kill("SIGINT");
    expect(await cli.exit).toBe(0);
  });

  it("outlives a promise that an inline handler left to reject", async () => {
    const cli = await CliProcess.start(["start", "--config", "inline.config.ts"], world());
    const url = await cli.url();
    await until(url, await enqueue(url, "stray"), "finished");
    expect(await cli.line(/^warning: STRAY_REJECTION/)).toMatch(/nobody waits for me$/);
    await until(url, await enqueue(url, "echo", ["x"]), "finished");
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);
  });

  it("answers the calls under way when it is asked to stop", async () => {
    const cli = await CliProcess.start(["start"], world());
    const url = await cli.url();
    const id = await enqueue(url, "spin");
    await until(url, id, "running");
    const abort = request(`${url}/${id}`, { method: "DELETE" });
    const answered = once(abort, "response");
    abort.end();
    await once(abort, "finish");
    await until(url, id, "running"); // the abort has arrived and is in its grace
    cli.kill("SIGTERM");
    const [answer] = (await answered) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    expect(await text(answer)).toBe('{"message":"Task aborted","status":"ok"}');
    expect(await cli.exit).toBe(0);
  });

  it("gives back what it was running, for the next start", async () => {
    const where = world();
    const first = await CliProcess.start(["start"], where);
    const url = await first.url();
    const id = await enqueue(url, "wait");
    await until(url, id, "running");
    first.kill("SIGTERM");
    expect(await first.exit).toBe(0);
    expect(await runCli(["status", id], where)).toMatchObject({ code: 0, stdout: "queued" });

    const second = await CliProcess.start(["start"], where);
    await until(await second.url(), id, "running");
    second.kill("SIGTERM");
    expect(await second.exit).toBe(0);
  });

  it("ends at once and exits 1 at the second signal, and leaves no child", async () => {
    const cli = await CliProcess.start(["start", "--config", "slow-stop.config.ts"], world());
    const url = await cli.url();
    const id = await enqueue(url, "spin");
    await until(url, id, "running");
    cli.kill("SIGTERM");
    await cli.line(/^Stopping/);
    cli.kill("SIGINT");
    expect(await cli.exit).toBe(1);
  });

  it("stops when the signal comes before it is ready", async () => {
    const gate = join(temporaryFolder(), "gate");
    const cli = await CliProcess.start(["start", "--config", "slow-import.config.ts"], world({ IMPORT_GATE: gate }));
    await cli.line(/^importing the tasks/);
    cli.kill("SIGTERM");
    await cli.line(/^Stopping/);
    writeFileSync(gate, "");
    expect(await cli.exit).toBe(0);
    expect(cli.stdout).not.toContainEqual(expect.stringMatching(/ready/));
  });

  it("ends at once at the second signal before it is ready", async () => {
    const cli = await CliProcess.start(["start", "--config", "slow-import.config.ts"], world());
    await cli.line(/^importing the tasks/);
    cli.kill("SIGTERM");
    await cli.line(/^Stopping/);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(1);
  });

  it("only runs tasks with --no-http", async () => {
    const where = world();
    const cli = await CliProcess.start(["start", "--no-http"], where);
    expect(await cli.line(/^Stage3Queue is ready/)).toBe("Stage3Queue is ready");
    const { stdout } = await runCli(["enqueue", "default", "log and echo", '["x"]'], where);
    expect(await cli.line(/^log: /)).toContain(stdout);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(0);
  });

  it("only serves with --no-work, for a worker in another process", async () => {
    const where = world();
    const worker = await CliProcess.start(["start", "--no-http"], where);
    await worker.line(/^Stage3Queue is ready/);
    const web = await CliProcess.start(["start", "--no-work"], where);
    const url = await web.url();
    const id = await enqueue(url, "log and echo", ["x"]);
    expect(await worker.line(/^log: /)).toContain(id);
    await until(url, id, "finished");
    worker.kill("SIGTERM");
    expect(await worker.exit).toBe(0);
    const waiting = await enqueue(url, "echo", ["x"]);
    expect(await call(`${url}/${waiting}`)).toEqual({ status: 200, body: { status: "queued" } });
    web.kill("SIGTERM");
    expect(await web.exit).toBe(0);
    expect(web.stdout).toEqual([`Stage3Queue is ready on ${url}`]);
  });
});
