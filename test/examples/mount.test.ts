import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type MountedServer, startMounted, TOKEN } from "./support/mounted-server.ts";

const programs = [
  "examples/mount/hono.ts",
  "examples/mount/express.ts",
  "examples/mount/fastify.ts",
  "test/examples/fixtures/next-like-server.ts",
];

const GREET = JSON.stringify({ topic: "default", function: "greet", args: ["Ada"] });
const SPIN = JSON.stringify({ topic: "default", function: "spin", args: [] });
const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/u;

async function enqueue({ call }: MountedServer, body: string): Promise<string> {
  const answer = await call("POST", "", { body });
  expect(answer).toEqual({ status: 200, body: { id: expect.stringMatching(UUID) as string, status: "ok" } });
  return (answer.body as { id: string }).id;
}

async function until({ call }: MountedServer, id: string, status: string): Promise<void> {
  while (((await call("GET", `/${id}`)).body as { status: string }).status !== status) await wait(10);
}

describe.each(programs)("%s", (program) => {
  test("has the REST API under its mount path, and stops gracefully", async () => {
    const server = await startMounted(program);
    const { call, url, stop } = server;
    expect(await (await fetch(url)).text()).toBe("the application");

    await until(server, await enqueue(server, GREET), "finished");
    const spinning = await enqueue(server, SPIN);
    await until(server, spinning, "running");
    expect(await call("DELETE", `/${spinning}`)).toEqual({
      status: 200,
      body: { message: "Task aborted", status: "ok" },
    });
    expect(await call("GET", `/${spinning}`)).toEqual({ status: 200, body: { status: "aborted" } });
    expect(await call("DELETE", `/${spinning}`)).toMatchObject({ status: 409 });

    await until(server, await enqueue(server, SPIN), "running"); // is given back
    expect(await stop()).toEqual({ code: 0, stderr: "" });
  });

  test("refuses as the standalone server does", async () => {
    const { call, stop } = await startMounted(program);
    for (const authorization of ["", "Bearer wrong"]) {
      const answer = await call("POST", "", { body: GREET, headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { status: "error" } });
    }
    expect(await call("GET", "/health/ready", { headers: { authorization: "" } })).toMatchObject({ status: 200 });
    const foreign = { origin: "https://evil.example" };
    expect(await call("POST", "", { body: GREET, headers: foreign })).toMatchObject({ status: 403 });
    expect(await call("POST", "", { body: GREET, headers: { "content-type": "text/plain" } })).toEqual({
      status: 415,
      body: { message: "The content type must be application/json, in UTF-8", status: "error" },
    });
    expect(await call("POST", "", { body: "{" })).toMatchObject({
      status: 400,
      body: { message: "The body is not valid JSON" },
    });
    expect(await call("GET", "/no-id")).toEqual({
      status: 404,
      body: { message: "Task is not found", status: "error" },
    });
    expect(await call("GET", "/a/b")).toEqual({ status: 404, body: { message: "Not found", status: "error" } });
    expect(await stop()).toEqual({ code: 0, stderr: "" });
  });

  test("takes no body that is too large, and minds no client that leaves", async () => {
    const server = await startMounted(program);
    const { call, stop, url } = server;
    const large = JSON.stringify({ topic: "default", function: "greet", args: ["x".repeat(5 * 1024 * 1024)] });
    const tooLarge = {
      status: 413,
      body: { message: expect.stringContaining("too large") as string, status: "error" },
    };
    expect(await call("POST", "", { body: large })).toEqual(tooLarge);
    const chunks = new Blob([large]).stream();
    expect(await call("POST", "", { body: chunks })).toEqual(tooLarge);

    await leaveHalfWay(url);
    await until(server, await enqueue(server, GREET), "finished");
    expect(await stop()).toEqual({ code: 0, stderr: "" });
  });
});

/** Sends half a call, and goes. */
async function leaveHalfWay(url: string): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = [
    "POST /queue HTTP/1.1",
    `Host: ${hostname}`,
    `Authorization: Bearer ${TOKEN}`,
    "Content-Type: application/json",
    "Content-Length: 1000",
  ];
  await new Promise((resolve) => socket.write(`${head.join("\r\n")}\r\n\r\n{"topic":`, resolve));
  socket.destroy();
  await once(socket, "close");
}
