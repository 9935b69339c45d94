import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { testFault } from "../support/fault.ts";
import { CrowdProcess } from "./support/crowd-process.ts";
import { serve } from "./support/serve.ts";
import { JSON_TYPE, openSocket, post, received, serveQueue, statusIn, TASK } from "./support/served-queue.ts";
import { IS_LONG, sizeOf } from "../support/forms.ts";

const PATIENCE = { headersMs: 200, requestMs: 300, lookEveryMs: 20 };
const BODY = JSON.stringify(TASK);

testFault(
  {
    area: "http",
    fault: "clients that hang, or send a byte now and then",
    injected: "in the headers and in the body, with the server's patience cut down to 300 ms",
    holds: "408 and the end of the connection, nothing is stored; others are answered meanwhile",
  },
  async () => {
    const { server, statusOf, stored } = await serveQueue({ patience: PATIENCE });
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\n${JSON_TYPE}Content-Length: ${BODY.length}\r\n\r\n`;
    const chunked = `POST / HTTP/1.1\r\nHost: localhost\r\n${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`;
    const hanging = ["POST / HT", head.slice(0, -2), head, head + BODY.slice(0, -1), chunked];
    const answers = hanging.map(async (text) => {
      const socket = await openSocket(server.port);
      socket.write(text);
      return statusIn(await received(socket));
    });
    const trickling = [head + BODY, head.slice(0, -2)].map(async (text) => {
      const socket = await openSocket(server.port);
      const answer = received(socket);
      for (const byte of text) {
        if (socket.destroyed) break;
        socket.write(byte);
        await wait(10);
      }
      return statusIn(await answer);
    });
    expect(await statusOf(post(BODY))).toBe(200);
    expect(await Promise.all([...answers, ...trickling])).toEqual(Array.from({ length: 7 }, () => 408));
    expect(await stored()).toBe(1);
  },
);

testFault(
  {
    area: "http",
    fault: "a client that disconnects, at each stage of its request",
    injected: "reset or half-closed behind every few bytes of headers and body, and before the answer is read",
    holds: "of a request that was not whole nothing is stored; of a whole one, one task at most",
  },
  async () => {
    const { server, stored } = await serveQueue();
    const request = Buffer.from(post(BODY));
    const cut = async (length: number, how: "resetAndDestroy" | "end"): Promise<string> => {
      const socket = await openSocket(server.port);
      const answer = received(socket);
      socket.write(request.subarray(0, length), () => socket[how]());
      return answer;
    };
    for (let length = 0; length < request.length; length += 3) {
      await Promise.all([cut(length, "resetAndDestroy"), cut(length, "end")]);
    }
    await Promise.all([cut(request.length - 1, "resetAndDestroy"), cut(request.length - 1, "end")]);
    expect(await stored()).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => cut(request.length, "resetAndDestroy")));
    const answers = await Promise.all(Array.from({ length: 20 }, () => cut(request.length, "end")));
    // Node's server ends a connection whose client has closed its own side, whether or not the answer is out.
    const statuses = answers.map(statusIn);
    expect(statuses.filter((status) => status !== 0 && status !== 200)).toEqual([]);
    const count = await stored();
    expect(count).toBeGreaterThanOrEqual(statuses.filter((status) => status === 200).length);
    expect(count).toBeLessThanOrEqual(40);
  },
);

const CONNECTIONS = sizeOf("open connections");

testFault(
  {
    area: "http",
    fault: `10,000 open connections`,
    injected:
      "by another process: silent, in the midst of a request, and kept alive after one (the short form: 1,000, which go before the server does)",
    holds: "a call in between is answered at once; the server closes with all of them open",
  },
  async () => {
    const { stage3 } = await serveQueue();
    // The other one is asked once more when the test ends.
    await using server = await serve(stage3);
    await using crowd = await CrowdProcess.start({ port: server.port, connections: CONNECTIONS });
    expect(await crowd.open).toBe(CONNECTIONS);
    const tookMs: number[] = [];
    for (let call = 0; call < 21; call += 1) {
      const before = performance.now();
      const socket = await openSocket(server.port);
      socket.write(post(BODY));
      expect(statusIn(await received(socket))).toBe(200);
      tookMs.push(performance.now() - before);
    }
    const median = tookMs.toSorted((a, b) => a - b)[10];
    console.log(`${CONNECTIONS} connections open; a call was answered in ${median?.toFixed(1)} ms in the median`);
    expect(median).toBeLessThan(100);
    if (!IS_LONG) await crowd.leave();
    const before = performance.now();
    await server.close();
    // Those in the midst of a request are given five seconds.
    expect(performance.now() - before).toBeLessThan(8_000);
  },
  120_000,
);
