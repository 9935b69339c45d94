import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Stage3Queue } from "stage3queue";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FOLDER = fileURLToPath(new URL("../../examples/deploy/", import.meta.url));
const GREETING = "Welcome, Ada!";

let database = "";
beforeEach(() => {
  database = `sqlite:${join(temporaryFolder(), "stage3.db")}`;
});

interface Program {
  readonly process: ChildProcess;
  /** What it writes, a line each. */
  readonly lines: AsyncIterator<string>;
  /** The code that it ends with, or the signal. */
  readonly ended: Promise<unknown[]>;
}

async function started(file: string, firstLine: RegExp): Promise<Program & { readonly url: string }> {
  const child = spawn(process.execPath, [join(FOLDER, file)], {
    env: { ...process.env, PORT: "0", STAGE3_DATABASE: database },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value } = await lines.next();
  expect(value).toMatch(firstLine);
  return { process: child, lines, ended, url: /http:\S+/u.exec(value ?? "")?.[0] ?? "" };
}

async function enqueueOver(url: string): Promise<string> {
  const answer = await fetch(`${url}/Ada`, { method: "POST", headers: { connection: "close" } });
  expect(answer.status).toBe(202);
  return answer.text();
}

async function asProducer<Result>(work: (stage3: Stage3Queue) => Promise<Result>): Promise<Result> {
  const stage3 = await Stage3Queue.open({ database });
  try {
    return await work(stage3);
  } finally {
    await stage3.stop();
  }
}

describe("a web process and a worker apart", () => {
  test("share one database, and each stops at SIGTERM", async () => {
    const web = await started("web.ts", /^Listening/u);
    const id = await enqueueOver(web.url);
    const worker = await started("worker.ts", /^Working/u);
    const result = await asProducer(({ broker }) => broker.result(id, { timeout: "60s" }));
    expect(result).toBe(GREETING);
    for (const program of [web, worker]) program.process.kill("SIGTERM");
    expect(await Promise.all([web.ended, worker.ended])).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  test("run a task that has the old name of its function", async () => {
    const worker = await started("worker.ts", /^Working/u);
    const result = await asProducer(async ({ broker }) =>
      broker.result(await broker.enqueue("default", "welcome user", ["Ada"]), { timeout: "60s" }),
    );
    expect(result).toBe(GREETING);
    worker.process.kill("SIGTERM");
    expect(await worker.ended).toEqual([0, null]);
  });
});

describe("a server that runs tasks", () => {
  test("stops gracefully at SIGTERM", async () => {
    const server = await started("server.ts", /^Listening/u);
    const id = await enqueueOver(server.url);
    server.process.kill("SIGTERM");
    expect(await server.ended).toEqual([0, null]);
    const status = await asProducer(({ broker }) => broker.status(id));
    expect(["queued", "finished"]).toContain(status);
  });

  test("ends at once at the second signal", async () => {
    const server = await started("server.ts", /^Listening/u);
    const { port } = new URL(server.url);
    const slow = connect(Number(port), "127.0.0.1");
    slow.on("error", () => {});
    await once(slow, "connect");
    slow.write("POST /Ada HTTP/1.1\r\nHost: localhost\r\nContent-Le"); // a call that takes its time
    await enqueueOver(server.url);
    server.process.kill("SIGTERM");
    expect((await server.lines.next()).value).toBe("Stopping");
    server.process.kill("SIGTERM");
    expect(await server.ended).toEqual([null, "SIGTERM"]);
    slow.destroy();
  });
});
