import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { toNodeHandler } from "../../src/http/node-handler.ts";

/** Serves until the test ends, and answers with the address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const POST = { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":1}' };

const echo = toNodeHandler(async (request) => new Response(`${new URL(request.url).pathname} ${await request.text()}`));

describe("toNodeHandler", () => {
  it("takes a framework's mount path off where the framework does", async () => {
    const url = await serve(express().use("/queue", echo) as RequestListener);
    for (const [path, seen] of [
      ["/queue", "/"],
      ["/queue/", "/"],
      ["/queue/a/b", "/a/b"],
    ] as const) {
      const response = await fetch(url + path, POST);
      expect(await response.text()).toBe(`${seen} {"a":1}`);
    }
  });

  it("says so where a body parser came first", async () => {
    const url = await serve(express().use(express.json()).use("/queue", echo) as RequestListener);
    const response = await fetch(`${url}/queue`, POST);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      message: "The body was read before it came here; mount the queue's handler before any body parser",
      status: "error",
    });
    expect(await (await fetch(`${url}/queue/id`)).text()).toBe("/id "); // has no body to be read
  });

  it("ends the response of a handler that fails", async () => {
    const url = await serve(toNodeHandler(() => Promise.reject(new Error("unforeseen"))));
    const response = await fetch(url);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal error", status: "error" });
  });
});
