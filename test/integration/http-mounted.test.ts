import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import { type FetchHandlerOptions, toFetchHandler } from "../../src/http/fetch-handler.ts";
import type { HttpHandler } from "../../src/http/handler.ts";

const TASK = { topic: "default", function: "echo", args: ["x"] };
const NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

let stage3: Stage3Queue;

beforeAll(async () => {
  stage3 = await Stage3Queue.open({ database: "memory:", tasks: { echo: (value: string) => value } });
});

afterAll(() => stage3.stop());

interface Call {
  readonly handler: HttpHandler;
  readonly method?: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
}

async function call({ handler, method = "GET", url, headers = {} }: Call): Promise<{ status: number; body: unknown }> {
  const body = method === "POST" ? JSON.stringify(TASK) : null;
  const type = { "content-type": "application/json" };
  const response = await handler(new Request(url, { method, body, headers: { ...type, ...headers } }));
  return { status: response.status, body: await response.json() };
}

function mounted(options: Partial<FetchHandlerOptions> = {}): HttpHandler {
  return toFetchHandler(stage3, { token: false, ...options });
}

describe("a mounted handler's path", () => {
  const underPath = (): HttpHandler => mounted({ basePath: "/api/queue" });

  it.each(["/api/queue", "/api/queue/", "/api/queue?x=1", "/api/./queue"])("has the root at %s", async (path) => {
    const { status, body } = await call({ handler: underPath(), method: "POST", url: `http://app.example${path}` });
    expect({ status, body }).toEqual({ status: 200, body: { id: expect.any(String) as string, status: "ok" } });
    const { id } = body as { id: string };
    const asked = await call({ handler: underPath(), url: `http://app.example/api/queue/${id}` });
    expect(asked).toEqual({ status: 200, body: { status: "queued" } });
    const aborted = await call({ handler: underPath(), method: "DELETE", url: `http://app.example/api/queue/${id}` });
    expect(aborted).toEqual({ status: 200, body: { message: "Task aborted", status: "ok" } });
  });

  it.each(["/", "/api", "/api/queues", "/api/queuex/y", `/${NO_ID}`, "/health/live", "/API/queue"])(
    "does not have %s",
    async (path) => {
      for (const method of ["GET", "POST", "DELETE"]) {
        const answer = await call({ handler: underPath(), method, url: `http://app.example${path}` });
        expect(answer).toEqual({ status: 404, body: { message: "Not found", status: "error" } });
      }
    },
  );

  it("has the health calls below it, which need no token", async () => {
    const guarded = mounted({ basePath: "/api/queue", token: "secret" });
    for (const name of ["live", "ready"]) {
      const answer = await call({ handler: guarded, url: `http://app.example/api/queue/health/${name}` });
      expect(answer).toEqual({ status: 200, body: { status: "ok" } });
    }
  });

  it("is the root where the framework takes its own off", async () => {
    const handler = mounted();
    const app = new Hono().mount("/queue", (request) => handler(request));
    const headers = { "content-type": "application/json" };
    const response = await app.request("/queue", { method: "POST", body: JSON.stringify(TASK), headers });
    expect(response.status).toBe(200);
  });
});

describe("who may call a mounted handler", () => {
  it("is whoever has the token", async () => {
    const handler = mounted({ token: "secret" });
    const url = "http://app.example/";
    expect(await call({ handler, method: "POST", url })).toMatchObject({ status: 401 });
    const headers = { authorization: "Bearer secret" };
    expect(await call({ handler, method: "POST", url, headers })).toMatchObject({ status: 200 });
  });

  it("may call it by any name, unless names are given", async () => {
    const url = "http://localhost/";
    const headers = { host: "app.example:8080" };
    expect(await call({ handler: mounted(), method: "POST", url, headers })).toMatchObject({ status: 200 });
    const named = mounted({ hosts: ["app.example"] });
    expect(await call({ handler: named, method: "POST", url, headers })).toMatchObject({ status: 200 });
    expect(await call({ handler: named, method: "POST", url, headers: { host: "evil.example" } })).toMatchObject({
      status: 421,
      body: { message: "The Host header names another server" },
    });
    expect(await call({ handler: named, url: "http://app.example/health/live" })).toMatchObject({ status: 200 });
    expect(await call({ handler: named, url: "http://evil.example/health/live" })).toMatchObject({ status: 421 });
  });

  it("may write from the own origin, with a Host header and without one", async () => {
    const url = "https://app.example/";
    const origin = "https://app.example";
    const handler = mounted();
    expect(await call({ handler, method: "POST", url, headers: { origin } })).toMatchObject({ status: 200 });
    const behindProxy = { origin, host: "10.0.0.7:3000" };
    expect(await call({ handler, method: "POST", url, headers: behindProxy })).toMatchObject({ status: 403 });
    const told = mounted({ origins: [origin] });
    expect(await call({ handler: told, method: "POST", url, headers: behindProxy })).toMatchObject({ status: 200 });
  });

  it.each([{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }])(
    "may not write as %j",
    async (headers) => {
      const url = "https://app.example/";
      const handler = mounted({ origins: ["https://admin.example"] });
      expect(await call({ handler, method: "POST", url, headers })).toMatchObject({ status: 403 });
      expect(await call({ handler, method: "DELETE", url: `${url}${NO_ID}`, headers })).toMatchObject({ status: 403 });
    },
  );

  it("may write from another origin that is listed", async () => {
    const headers = { origin: "https://admin.example", "sec-fetch-site": "cross-site" };
    const handler = mounted({ origins: ["https://admin.example"] });
    expect(await call({ handler, method: "POST", url: "https://app.example/", headers })).toMatchObject({
      status: 200,
    });
  });
});

describe("a mounted handler", () => {
  it("says so where another reader has taken the body", async () => {
    const headers = { "content-type": "application/json" };
    const request = new Request("http://app.example/", { method: "POST", body: JSON.stringify(TASK), headers });
    await request.json();
    const response = await mounted()(request);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining("before any body parser") as string,
    });
  });

  it.each(["stop", "kill"] as const)("answers 503 to every call once its instance is to %s", async (how) => {
    const own = await Stage3Queue.open({ database: "memory:", tasks: { echo: () => 1 } });
    const handler = toFetchHandler(own, { token: false });
    const url = "http://app.example";
    expect(await call({ handler, url: `${url}/health/ready` })).toMatchObject({ status: 200 });
    const ended = own[how]();
    for (const when of ["stopping", "stopped"]) {
      expect(await call({ handler, method: "POST", url }), when).toMatchObject({ status: 503 });
      expect(await call({ handler, url: `${url}/no-id` }), when).toMatchObject({ status: 503 });
      expect(await call({ handler, method: "DELETE", url: `${url}/${NO_ID}` }), when).toMatchObject({ status: 503 });
      expect(await call({ handler, url: `${url}/health/ready` }), when).toMatchObject({ status: 503 });
      expect(await call({ handler, url: `${url}/health/live` }), when).toMatchObject({ status: 200 });
      await ended;
    }
  });

  it("hands on what nobody foresaw, and answers also where that fails", async () => {
    const failure = new Error("unforeseen");
    const request = new Request("http://app.example/");
    Object.defineProperty(request, "method", {
      get() {
        throw failure;
      },
    });
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));

    const reported: unknown[] = [];
    const response = await mounted({ onError: (error) => reported.push(error) })(request);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal error", status: "error" });
    expect(reported).toEqual([failure]);

    const onError = (): never => {
      throw new Error("the log is full");
    };
    expect(await mounted({ onError })(request)).toMatchObject({ status: 500 });
    await vi.waitFor(() => expect(warnings).toHaveLength(2));
    expect(warnings.map(({ message }) => message)).toEqual([
      "An HTTP call failed: unforeseen",
      "An HTTP call failed: the log is full",
    ]);
  });
});
