import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../../src/broker/stage3queue.ts";
import type { HttpServer, Patience } from "../../../src/http/server.ts";
import { serve } from "./serve.ts";

export const MAX_PAYLOAD_BYTES = 64 * 1024;
export const TASK = { topic: "default", function: "echo", args: ["x"] };
export const JSON_TYPE = "Content-Type: application/json\r\n";

/** A whole instance behind its own server, which a test ill-treats. */
export interface ServedQueue {
  readonly stage3: Stage3Queue;
  readonly server: HttpServer;
  /** Sends bytes over a connection of their own; resolves with what comes back until that ends. */
  readonly exchange: (request: string | Uint8Array) => Promise<string>;
  /** As `exchange`, with the status alone; 0: the connection ended without an answer. */
  readonly statusOf: (request: string | Uint8Array) => Promise<number>;
  /** How many tasks were ever stored. */
  readonly stored: () => Promise<number>;
}

export interface ServedOptions {
  readonly token?: string;
  readonly patience?: Patience;
}

/**
 * Serves an instance in memory. When the test ends, a well-formed call must be answered and stored as ever, and nothing
 * unforeseen may have been thrown on the way.
 */
export async function serveQueue({ token, patience }: ServedOptions = {}): Promise<ServedQueue> {
  const unforeseen: unknown[] = [];
  const stage3 = await Stage3Queue.open({
    database: "memory:",
    maxPayload: MAX_PAYLOAD_BYTES,
    tasks: { echo: (value: unknown) => value },
    queues: { default: { maxQueueLen: Infinity } },
  });
  onTestFinished(() => stage3.stop());
  await stage3.start();
  const server = await serve(stage3, {
    onError: (error) => unforeseen.push(error),
    ...(token !== undefined && { token }),
    ...(patience && { patience }),
  });
  onTestFinished(() => server.close());
  const exchange: ServedQueue["exchange"] = async (request) => {
    const socket = await openSocket(server.port);
    socket.write(request);
    return received(socket);
  };
  const statusOf: ServedQueue["statusOf"] = async (request) => statusIn(await exchange(request));
  const stored: ServedQueue["stored"] = async () => {
    const counts = await stage3.broker.queues();
    return counts.reduce((sum, each) => sum + each.queued + each.running + each.finished + each.aborted, 0);
  };
  onTestFinished(async () => {
    const before = await stored();
    const authorization = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
    expect(await statusOf(post(JSON.stringify(TASK), authorization))).toBe(200);
    expect(await stored()).toBe(before + 1);
    expect(unforeseen).toEqual([]);
  });
  return { stage3, server, exchange, statusOf, stored };
}

/** A well-formed request around a body; `headers` end with a line's end each. */
export function post(body: string | Uint8Array, headers = ""): Uint8Array {
  const bytes = Buffer.from(body);
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${JSON_TYPE}${headers}`;
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

/** A request of one line without a body. */
export function line(method: string, path: string, headers = ""): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined); // the server may reset a connection of which it does not read all
  await once(socket, "connect");
  return socket;
}

/** Everything that comes until the connection ends. */
export async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => (text += data));
  // Not with `once`, which would reject where the connection is reset behind the answer.
  if (!socket.closed) await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return text;
}

export function statusIn(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
}
