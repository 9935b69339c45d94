import { describe, expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { createApi } from "./api.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const TASK = { topic: "default", function: "send emails", args: [] };

describe("other paths and methods", () => {
  it.each(["/tasks/1", `/${ID}/`, `/${ID}/abort`, "//", "/health/dead", "/HEALTH/live", "/api/v1/tasks"])(
    "does not know %s",
    async (path) => {
      const { call } = createApi();
      for (const method of ["GET", "POST", "DELETE"]) {
        expect(await call({ method, path })).toMatchObject({
          status: 404,
          body: { message: "Not found", status: "error" },
        });
      }
    },
  );

  it.each([
    ["/", "GET", "POST"],
    ["/", "DELETE", "POST"],
    ["/", "OPTIONS", "POST"],
    [`/${ID}`, "POST", "GET, HEAD, DELETE"],
    [`/${ID}`, "PUT", "GET, HEAD, DELETE"],
    ["/health/live", "POST", "GET, HEAD"],
    ["/health/ready", "DELETE", "GET, HEAD"],
  ])("%s does not take %s", async (path, method, allow) => {
    const { call } = createApi();
    const { status, body, headers } = await call({ method, path });
    expect({ status, body }).toEqual({
      status: 405,
      body: { message: `Method not allowed; use ${allow}`, status: "error" },
    });
    expect(headers.get("allow")).toBe(allow);
  });

  it("takes a query string for no part of the path", async () => {
    const { call } = createApi();
    expect(await call({ path: `/${ID}?x=1` })).toMatchObject({ body: { message: "Task is not found" } });
  });

  it("sends the same headers with every answer", async () => {
    const { call, post } = createApi();
    for (const answer of [await post(TASK), await call({ path: "/" }), await call({ path: "/health/live" })]) {
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});

describe("health", () => {
  it("is live and ready", async () => {
    const { call } = createApi();
    expect(await call({ path: "/health/live" })).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await call({ path: "/health/ready" })).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await call({ method: "HEAD", path: "/health/ready" })).toMatchObject({ status: 200, body: undefined });
  });

  it("is live but not ready while the engine is not, fails to answer, or the server stops", async () => {
    const notReady = { status: 503, body: { message: "Not ready", status: "error" } };
    const { call, engine } = createApi();
    engine.ready = false;
    expect(await call({ path: "/health/ready" })).toMatchObject(notReady);
    engine.failure = new Error("gone");
    expect(await call({ path: "/health/ready" })).toMatchObject(notReady);
    expect(await call({ path: "/health/live" })).toMatchObject({ status: 200 });

    const stopping = createApi({ isStopping: () => true });
    expect(await stopping.call({ path: "/health/ready" })).toMatchObject(notReady);
    expect(await stopping.call({ path: "/health/live" })).toMatchObject({ status: 200 });
  });
});

describe("errors", () => {
  it.each([
    ["QUEUE_FULL", 429, "Queue reached its max capacity of 200 elements"],
    ["INVALID_ARGS", 400, "Queue reached its max capacity of 200 elements"],
    ["TOPIC_NOT_FOUND", 400, "Topic is not found"],
    ["STOPPED", 503, "The instance is stopping or stopped and takes no more calls."],
    ["DATABASE_UNAVAILABLE", 503, "The database did not answer in time, or cannot be opened."],
    ["DATABASE_FULL", 503, "There is no room left for the database; nothing was stored."],
    ["NOT_IN_TASK", 500, "Internal error"],
  ] as const)("answers %s with %i", async (code, status, message) => {
    const { post, engine } = createApi();
    engine.failure = new Stage3Error(code, "Queue reached its max capacity of 200 elements");
    expect(await post(TASK)).toMatchObject({ status, body: { message, status: "error" } });
  });

  it.each([[new Error("secret")], ["secret"], [null]])("tells nothing of an unforeseen one: %s", async (failure) => {
    const { post, call, engine, reported } = createApi();
    engine.failure = failure;
    const answer = { status: 500, body: { message: "Internal error", status: "error" } };
    expect(await post(TASK)).toMatchObject(answer);
    expect(await call({ path: `/${ID}` })).toMatchObject(answer);
    expect(reported).toEqual([failure, failure]);
  });

  it("refuses every call but the health ones while the server stops", async () => {
    const { call, post, engine } = createApi({ isStopping: () => true });
    const stopped = {
      status: 503,
      body: { message: "The instance is stopping or stopped and takes no more calls.", status: "error" },
    };
    expect(await post(TASK)).toMatchObject(stopped);
    expect(await call({ path: `/${ID}` })).toMatchObject(stopped);
    expect(await call({ method: "DELETE", path: `/${ID}` })).toMatchObject(stopped);
    expect(engine.requests).toEqual([]);
  });
});
