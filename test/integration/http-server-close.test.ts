import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { systemClock, type Clock } from "../../src/core/clock.ts";
import type { HttpHandler } from "../../src/http/handler.ts";
import { listen, open, receive } from "./http-connections.ts";

const ok: HttpHandler = () => Promise.resolve(new Response("{}"));

/** A handler whose calls wait until the test answers them. */
function gated(): { handler: HttpHandler; called: Promise<void>; readonly answer: () => void } {
  const called = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const handler: HttpHandler = async () => {
    called.resolve();
    await gate.promise;
    return new Response('{"done":true}');
  };
  return { handler, called: called.promise, answer: () => gate.resolve() };
}

/** A clock whose timers fire when the test calls them. */
function stoppedClock(): { clock: Clock; timers: { delayMs: number; callback: () => void }[] } {
  const timers: { delayMs: number; callback: () => void }[] = [];
  const setTimer: Clock["setTimer"] = (delayMs, callback) => {
    timers.push({ delayMs, callback });
    return { cancel: () => undefined };
  };
  return { clock: { ...systemClock, setTimer }, timers };
}

it("answers the calls under way, tells their clients that the connection ends, and takes no more", async () => {
  const { handler, called, answer } = gated();
  const server = await listen(handler);
  const agent = new Agent({ keepAlive: true });
  const response = once(request({ port: server.port, host: "127.0.0.1", agent }).end(), "response");
  await called;
  const closed = server.close();
  await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  answer();
  const [message] = (await response) as [IncomingMessage];
  expect(message.statusCode).toBe(200);
  expect(message.headers.connection).toBe("close");
  message.resume();
  await closed;
  agent.destroy();
});

it("ends idle connections at once, those without any call too", async () => {
  const server = await listen(ok, stoppedClock().clock);
  const silent = await open(server);
  const used = await open(server);
  used.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(used, "data");
  const ended = Promise.all([silent, used].map((socket) => once(socket, "close")));
  silent.resume();
  used.resume();
  await server.close();
  expect(await ended).toHaveLength(2);
});

it("is idempotent", async () => {
  const server = await listen(ok);
  expect(server.close()).toBe(server.close());
  await server.close();
});

it("cuts off a call that takes longer than the grace", async () => {
  const { handler, called, answer } = gated();
  const { clock, timers } = stoppedClock();
  const server = await listen(handler, clock);
  const socket = await open(server);
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await called;
  const received = receive(socket);
  const closed = server.close();
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([5_000]);
  timers[0]?.callback();
  await closed;
  expect(await received).toBe("");
  answer();
});
