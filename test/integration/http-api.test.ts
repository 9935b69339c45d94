import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import { createHttpHandler, type HttpHandler } from "../../src/http/handler.ts";
import { HttpServer } from "../../src/http/server.ts";
import { currentTask } from "../../src/tasks/current-task.ts";

const LIMITS = { maxConcurrency: 2, maxQueueLen: 3, maxRestarts: 0 };

let stage3: Stage3Queue;
let server: HttpServer;

beforeAll(async () => {
  stage3 = await Stage3Queue.open({
    database: "memory:",
    tasks: { echo, wait, fail, "obey late": obeyLate },
    queues: { default: LIMITS, small: LIMITS },
  });
  await stage3.start();
  server = await HttpServer.listen({
    host: "127.0.0.1",
    port: 0,
    handler: counted(
      createHttpHandler({
        broker: stage3.broker,
        isReady: () => stage3.isReady(),
        isStopping: () => false,
        host: { kind: "bound", address: "127.0.0.1" },
        maxPayloadBytes: 1024,
      }),
    ),
  });
});

afterAll(async () => {
  await server.close();
  await stage3.stop();
});

function echo(value: string): string {
  return value;
}

/** Runs until it is aborted. */
async function wait(): Promise<void> {
  const { signal } = currentTask();
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Has the test say when it obeys its signal. */
const obey = Promise.withResolvers<void>();
async function obeyLate(): Promise<void> {
  await wait();
  await obey.promise;
}

const deleteArrived = new EventEmitter<{ arrived: [] }>();
const deletesSoFar = { count: 0 };
function counted(handler: HttpHandler): HttpHandler {
  return (request) => {
    const answer = handler(request);
    if (request.method === "DELETE") {
      deletesSoFar.count++;
      deleteArrived.emit("arrived");
    }
    return answer;
  };
}

/** Resolves when that many more aborts have come. */
async function arrived(count: number): Promise<void> {
  const wanted = deletesSoFar.count + count;
  while (deletesSoFar.count < wanted) await once(deleteArrived, "arrived");
}

function fail(): never {
  throw new Error("as asked");
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}/${path}`, {
    method,
    headers: { "content-type": "application/json", connection: "close" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function enqueue(functionName: string, topic = "default"): Promise<string> {
  const { status, body } = await call("POST", "", { topic, function: functionName, args: [] });
  expect(status).toBe(200);
  return (body as { id: string }).id;
}

async function until(id: string, status: string): Promise<void> {
  while (((await call("GET", id)).body as { status: string }).status !== status);
}

describe("the REST API over a real instance", () => {
  it("takes a task from queued to finished", async () => {
    const id = await enqueue("echo");
    await until(id, "finished");
    expect(await call("DELETE", id)).toEqual({
      status: 409,
      body: { message: "Task is already finished", status: "error" },
    });
  });

  it("takes one into the dead-letter queue", async () => {
    const id = await enqueue("fail");
    await until(id, "in_dead_letter_queue");
    expect(await call("DELETE", id)).toMatchObject({
      status: 409,
      body: { message: "Task is already in the dead-letter queue" },
    });
  });

  it("tells everybody who aborts a running task at once that it was aborted", async () => {
    const id = await enqueue("obey late");
    await until(id, "running");
    const deletes = Array.from({ length: 5 }, () => call("DELETE", id));
    await arrived(deletes.length);
    obey.resolve();
    for (const answer of await Promise.all(deletes)) {
      expect(answer).toEqual({ status: 200, body: { message: "Task aborted", status: "ok" } });
    }
    expect(await call("GET", id)).toEqual({ status: 200, body: { status: "aborted" } });
    expect(await call("DELETE", id)).toMatchObject({ status: 409, body: { message: "Task is already aborted" } });
  });

  it("refuses one task more than there is room for", async () => {
    const ids: string[] = [];
    for (let index = 0; index < LIMITS.maxConcurrency + LIMITS.maxQueueLen; index++) {
      ids.push(await enqueue("wait", "small"));
    }
    expect(await call("POST", "", { topic: "small", function: "wait", args: [] })).toEqual({
      status: 429,
      body: { message: "Queue reached its max capacity of 3 elements", status: "error" },
    });
    for (const id of ids) expect(await call("DELETE", id)).toMatchObject({ status: 200 });
  });

  it.each([
    [{ topic: "unknown", function: "echo", args: [] }, 400, /^Topic is not found$/],
    [{ topic: "default", function: "unknown", args: [] }, 400, /^Function is not found$/],
    [{ topic: "default", function: "__proto__", args: [] }, 400, /^Function is not found$/],
    [{ topic: "default", function: "constructor", args: [] }, 400, /^Function is not found$/],
    [{ topic: "default", function: "echo", args: [], priority: 0 }, 400, /priority/],
    [{ topic: "default", function: "echo", args: ["\u0000"] }, 400, /args\[0\]/],
    [{ topic: "default", function: "echo", args: ["\uD800"] }, 400, /args\[0\]/],
    [{ topic: "default", function: "echo", args: ["x".repeat(1024)] }, 413, /too large/],
  ])("refuses %j", async (body, status, message) => {
    const answer = await call("POST", "", body);
    expect(answer).toEqual({ status, body: { message: expect.stringMatching(message) as string, status: "error" } });
  });

  it("is ready", async () => {
    expect(await call("GET", "health/ready")).toEqual({ status: 200, body: { status: "ok" } });
  });
});
