import { setImmediate as turn } from "node:timers/promises";
import { Stage3Queue } from "../../../../src/broker/stage3queue.ts";
import { ERROR_TABLE, Stage3Error } from "../../../../src/core/errors.ts";
import { createHttpHandler, type HttpHandler } from "../../../../src/http/handler.ts";
import { HttpServer } from "../../../../src/http/server.ts";
import { type LoopDelay, watchLoop } from "../loop-delay.ts";
import { openSocket, received } from "../served-queue.ts";
import { fuzzedApiCall } from "./api-calls.ts";
import { chance } from "./chance.ts";
import { type FuzzedRequest, fuzzedRequest } from "./http-calls.ts";

/** How many calls are under way at once. */
const LANES = 8;
/** How many ids are remembered to call again. */
const REMEMBERED = 200;
/** How many calls lie between two looks at what is stored. */
const LOOK_EVERY = 1_000;

export interface FuzzOptions {
  readonly seed: number;
  readonly calls: number;
  readonly database: string;
}

export interface FuzzReport {
  readonly calls: number;
  readonly taken: number;
  readonly refused: number;
  readonly delay: LoopDelay;
  /** What must not be; each names the call. */
  readonly faults: readonly string[];
}

/** What is known of the tasks from the answers alone. */
interface Known {
  readonly stored: Set<string>;
  /** An idempotency key still answers with the id of one of these. */
  readonly discarded: Set<string>;
  readonly recent: string[];
  taken: number;
  refused: number;
  readonly faults: string[];
}

/** Calls an instance, over sockets, its handler and its broker, with what a seed generates. */
export async function fuzz({ seed, calls, database }: FuzzOptions): Promise<FuzzReport> {
  const dice = chance(seed);
  const known: Known = { stored: new Set(), discarded: new Set(), recent: [], taken: 0, refused: 0, faults: [] };
  await using stage3 = await Stage3Queue.open({
    database,
    durability: "process-crash",
    maxPayload: "64kb",
    tasks: {
      echo: (value: unknown) => value,
      fail: () => Promise.reject(new Error("as it should")),
    },
    queues: {
      default: { maxQueueLen: Infinity, maxRestarts: 0 },
      other: { maxQueueLen: Infinity, maxRestarts: 0, maxConcurrency: 50 },
    },
  });
  await stage3.start();
  const handler = createHttpHandler({
    broker: stage3.broker,
    isReady: () => stage3.isReady(),
    isStopping: () => false,
    host: { kind: "bound", address: "127.0.0.1" },
    maxPayloadBytes: stage3.maxPayloadBytes,
    onError: (error) => known.faults.push(`unforeseen: ${String(error)}`),
  });
  await using server = await HttpServer.listen({ host: "127.0.0.1", port: 0, handler });
  const one = (): Promise<void> => {
    const kind = dice.upTo(9);
    if (kind < 5) return callBroker(stage3, known, fuzzedApiCall(dice, known.recent));
    const request = fuzzedRequest(dice, known.recent);
    return kind < 9 ? callHandler(handler, known, request) : callSocket(server.port, known, request);
  };
  const loop = watchLoop();
  for (let made = 0; made < calls && known.faults.length === 0; made += LOOK_EVERY) {
    let left = Math.min(LOOK_EVERY, calls - made);
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        await one();
        // Calls that are refused at once would otherwise follow each other without a turn of the event loop.
        await turn();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await compareStored(stage3, known);
  }
  for (const id of known.stored)
    if ((await stage3.broker.status(id)) === undefined) known.faults.push(`${id} was acknowledged, and is not stored`);
  const { taken, refused, faults } = known;
  return { calls, taken, refused, faults, delay: await loop.stop() };
}

/**
 * As many tasks as were acknowledged: one less was lost, one more was refused and stored all the same. At the end each
 * by its id, so that no loss makes up for another fault.
 */
async function compareStored(stage3: Stage3Queue, { stored, faults }: Known): Promise<void> {
  const counts = await stage3.broker.queues();
  const count = counts.reduce(
    (sum, each) => sum + each.queued + each.running + each.finished + each.aborted + each.inDeadLetterQueue,
    0,
  );
  if (count !== stored.size) faults.push(`${count} tasks are stored, ${stored.size} were acknowledged`);
}

async function callBroker(
  { broker }: Stage3Queue,
  known: Known,
  call: ReturnType<typeof fuzzedApiCall>,
): Promise<void> {
  try {
    const { stored, discarded } = await call.run(broker);
    for (const id of stored) remember(known, id);
    if (discarded !== undefined) {
      known.discarded.add(discarded);
      known.stored.delete(discarded);
    }
    known.taken += 1;
  } catch (error) {
    known.refused += 1;
    const isCallers = error instanceof Stage3Error && ERROR_TABLE[error.code].status < 500;
    if (!isCallers) known.faults.push(`${call.describe}: ${describeFault(error)}`);
  }
}

async function callHandler(handler: HttpHandler, known: Known, request: FuzzedRequest): Promise<void> {
  const { method, path, headers, body } = request;
  let made: Request;
  try {
    made = new Request(`http://localhost${path}`, {
      method,
      headers: Object.fromEntries(headers),
      body: body ?? null,
    });
  } catch {
    return; // nothing that the platform could hand on
  }
  const response = await handler(made);
  judge(known, request, response.status, await response.text());
}

async function callSocket(port: number, known: Known, request: FuzzedRequest): Promise<void> {
  const { method, path, headers, body } = request;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
  const socket = await openSocket(port);
  const answer = received(socket);
  socket.write(`${method} ${path} HTTP/1.1\r\nconnection: close\r\n${lines}${length}\r\n`);
  if (body !== undefined) socket.write(body);
  const text = await answer;
  const end = text.indexOf("\r\n\r\n");
  judge(known, request, Number(/^HTTP\/1\.1 (\d{3}) /u.exec(text)?.[1] ?? 0), text.slice(end + 4));
}

function judge(known: Known, request: FuzzedRequest, status: number, body: string): void {
  const { method, path } = request;
  if (status >= 200 && status < 300) known.taken += 1;
  else known.refused += 1;
  if (status < 200 || status >= 500) known.faults.push(`${describeRequest(request)}: ${status} ${body}`);
  if (method !== "POST" || status !== 200) return;
  const id = /^\{"id":"([0-9a-f-]{36})","status":"ok"\}$/u.exec(body)?.[1];
  if (id === undefined) known.faults.push(`${method} ${path}: 200 with another body: ${body}`);
  else remember(known, id);
}

function remember(known: Known, id: string): void {
  if (!known.discarded.has(id)) known.stored.add(id);
  known.recent.push(id);
  if (known.recent.length > REMEMBERED) known.recent.shift();
}

function describeRequest({ method, path, headers, body }: FuzzedRequest): string {
  const text = body === undefined ? "" : Buffer.from(body).toString("latin1").slice(0, 500);
  return JSON.stringify({ method, path, headers, body: text });
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
