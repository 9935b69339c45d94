import { describe, expect, it } from "vitest";
import { createApi } from "./api.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const TASK = { topic: "default", function: "send emails", args: [] };

describe("Host", () => {
  it.each(["localhost", "LOCALHOST:4000", "127.0.0.1:80", "127.0.0.1", "[::1]", "[::1]:65535"])(
    "takes this machine's name %s",
    async (host) => {
      const { post } = createApi();
      expect(await post(TASK, { host })).toMatchObject({ status: 200 });
    },
  );

  it.each([
    "example.com",
    "localhost.example.com",
    "localhost:4000:1",
    "evil@localhost",
    "localhost.",
    "127.0.0.2",
    "",
  ])('refuses "%s"', async (host) => {
    const { call, post, engine } = createApi();
    expect(await post(TASK, { host })).toMatchObject({ status: 421, body: { status: "error" } });
    expect(await call({ path: `/${ID}`, headers: { host } })).toMatchObject({ status: 421 });
    expect(await call({ path: "/health/live", headers: { host } })).toMatchObject({ status: 421 });
    expect(engine.requests).toEqual([]);
  });

  it("takes any where the server listens to the network", async () => {
    const { post } = createApi({ host: { kind: "bound", address: "0.0.0.0" }, token: "secret" });
    const headers = { host: "queue.example.com", authorization: "Bearer secret" };
    expect(await post(TASK, headers)).toMatchObject({ status: 200 });
  });
});

describe("Origin", () => {
  it.each(["http://localhost:4000", "https://localhost:4000"])("takes its own: %s", async (origin) => {
    const { post } = createApi();
    expect(await post(TASK, { origin })).toMatchObject({ status: 200 });
  });

  it("takes its own behind a proxy, with and without the default port", async () => {
    const { post } = createApi({ host: { kind: "bound", address: "0.0.0.0" }, token: "secret" });
    for (const host of ["queue.example.com", "queue.example.com:443"]) {
      const headers = { host, origin: "https://queue.example.com", authorization: "Bearer secret" };
      expect(await post(TASK, headers)).toMatchObject({ status: 200 });
    }
  });

  it.each([
    { origin: "http://example.com" },
    { origin: "http://localhost:3000" },
    { origin: "http://localhost" },
    { origin: "null" },
    { origin: "" },
    { origin: "file://" },
    { "sec-fetch-site": "cross-site" },
    { origin: "http://localhost:4000", "sec-fetch-site": "cross-site" },
  ])("refuses a write from %j", async (headers) => {
    const { call, post, engine } = createApi();
    const refused = { status: 403, body: { status: "error" } };
    expect(await post(TASK, headers)).toMatchObject(refused);
    expect(await call({ method: "DELETE", path: `/${ID}`, headers })).toMatchObject(refused);
    expect(engine.requests).toEqual([]);
    expect(await call({ path: `/${ID}`, headers })).toMatchObject({ status: 404 }); // a read
  });

  it.each(["same-origin", "same-site", "none"])("takes Sec-Fetch-Site: %s", async (site) => {
    const { post } = createApi();
    expect(await post(TASK, { "sec-fetch-site": site })).toMatchObject({ status: 200 });
  });
});

describe("token", () => {
  it.each(["Bearer secret", "bearer secret", "Bearer  secret"])("takes %j", async (authorization) => {
    const { post } = createApi({ token: "secret" });
    expect(await post(TASK, { authorization })).toMatchObject({ status: 200 });
  });

  it.each([
    [undefined, "Bearer"],
    ["secret", "Bearer"],
    ["Basic secret", "Bearer"],
    ["Bearer", "Bearer"],
    ["Bearer Secret", 'Bearer error="invalid_token"'],
    ["Bearer secret2", 'Bearer error="invalid_token"'],
    ["Bearer secre", 'Bearer error="invalid_token"'],
  ])("refuses %j", async (authorization, challenge) => {
    const { call, engine } = createApi({ token: "secret" });
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const [method, path] of [
      ["POST", "/"],
      ["GET", `/${ID}`],
      ["DELETE", `/${ID}`],
      ["GET", "/anything/else"],
    ] as const) {
      const answer = await call({ method, path, headers });
      expect(answer).toMatchObject({ status: 401, body: { status: "error" } });
      expect(answer.headers.get("www-authenticate")).toBe(challenge);
    }
    expect(engine.requests).toEqual([]);
  });

  it("is not needed for the health calls", async () => {
    const { call } = createApi({ token: "secret" });
    expect(await call({ path: "/health/live" })).toMatchObject({ status: 200 });
    expect(await call({ path: "/health/ready" })).toMatchObject({ status: 200 });
  });
});
