import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import type { HttpHandler } from "../../src/http/handler.ts";
import { HttpServer } from "../../src/http/server.ts";

/** A server on a free port, closed when the test ends. */
export async function listen(handler: HttpHandler, clock?: Clock): Promise<HttpServer> {
  const server = await HttpServer.listen({ host: "127.0.0.1", port: 0, handler, ...(clock && { clock }) });
  onTestFinished(() => server.close());
  return server;
}

/** A connection to it. */
export async function open({ port }: HttpServer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined); // a connection may be reset where the server does not read all of it
  await once(socket, "connect");
  return socket;
}

/** Everything that is received until the connection ends. */
export async function receive(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => (text += data));
  await once(socket, "close");
  return text;
}
