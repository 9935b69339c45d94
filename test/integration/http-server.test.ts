import { describe, expect, it } from "vitest";
import { createHttpHandler, type HttpHandler } from "../../src/http/handler.ts";
import { HttpServer } from "../../src/http/server.ts";
import { listen, open, receive } from "./http-connections.ts";

const ok: HttpHandler = () => Promise.resolve(new Response("{}"));
const OWN_REQUEST = globalThis.Request;
const OWN_RESPONSE = globalThis.Response;
describe("listen", () => {
  it("serves on a free port and says where", async () => {
    const server = await listen(ok);
    expect(server.url).toBe(`http://localhost:${server.port}`);
    const response = await fetch(server.url, { headers: { connection: "close" } });
    expect(await response.text()).toBe("{}");
  });

  it("leaves the application's Request and Response alone", async () => {
    await listen(ok);
    expect(globalThis.Request).toBe(OWN_REQUEST);
    expect(globalThis.Response).toBe(OWN_RESPONSE);
  });

  it("refuses a port in use", async () => {
    const { port } = await listen(ok);
    await expect(HttpServer.listen({ host: "127.0.0.1", port, handler: ok })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: `127.0.0.1:${port} is in use; stop the program that listens there, or choose another port.`,
    });
  });

  it.each([
    ["192.0.2.1", 0, "192.0.2.1 is not an address of this machine; choose another host."],
    ["127.0.0.1", 65_536, "65536 is not a valid port; choose a whole number from 0 to 65535."],
  ])("refuses %s:%i", async (host, port, message) => {
    await expect(HttpServer.listen({ host, port, handler: ok, token: "secret" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message,
    });
  });

  it.each(["0.0.0.0", "::", "192.0.2.1", "example.com", "::ffff:192.0.2.1"])(
    "refuses to serve %s without a token",
    async (host) => {
      await expect(HttpServer.listen({ host, port: 0, handler: ok })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining("set http.token or STAGE3_TOKEN") as string,
      });
    },
  );

  it("serves the network with one", async () => {
    await using server = await HttpServer.listen({ host: "0.0.0.0", port: 0, handler: ok, token: "secret" });
    expect(server.url).toBe(`http://0.0.0.0:${server.port}`);
  });
});

describe("requests", () => {
  const api = createHttpHandler({
    broker: {
      enqueue: () => Promise.resolve("01890a5d-ac96-774b-bcce-b302099a8057"),
      status: () => Promise.resolve("running"),
      abort: () => Promise.resolve(true),
    },
    isReady: () => Promise.resolve(true),
    isStopping: () => false,
    host: { kind: "bound", address: "127.0.0.1" },
    maxPayloadBytes: 1024 * 1024,
  });

  async function exchange(text: string): Promise<string> {
    const socket = await open(await listen(api));
    const received = receive(socket);
    socket.write(text);
    return received;
  }

  it.each([
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 421],
    ["no Host, in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 421],
    ["another Host", "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", 421],
    [
      "another Host in its address",
      "GET http://example.com/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      421,
    ],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400],
    ["no HTTP", "hello\r\n\r\n", 400],
  ])("refuses a request with %s", async (_what, text, status) => {
    expect(await exchange(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("resolves dots in a path before it looks at it", async () => {
    const path = "/x/../01890a5d-ac96-774b-bcce-b302099a8057";
    const text = await exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(text).toContain('{"status":"running"}');
  });

  it.each([
    ["that tells its length", "Content-Length: 104857600\r\n\r\n{"],
    ["that tells none", `Transfer-Encoding: chunked\r\n\r\n200000\r\n${" ".repeat(0x200000)}\r\n`],
  ])("answers a body that is too large, %s, before it is sent, and ends the connection", async (_what, rest) => {
    const text = await exchange(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${rest}`);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("lets a client that sends 100 MB read the answer", async () => {
    const { url } = await listen(api);
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(100 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ status: "error" });
  });
});
