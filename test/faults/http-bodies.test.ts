import { expect } from "vitest";
import { testFault } from "../support/fault.ts";
import { JSON_TYPE, MAX_PAYLOAD_BYTES, post, serveQueue, TASK } from "./support/served-queue.ts";

const WHOLE = JSON.stringify(TASK);
const HEAD = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${JSON_TYPE}`;

function withArgs(args: string): string {
  return `{"topic":"default","function":"echo","args":${args}}`;
}

testFault(
  {
    area: "http",
    fault: "a body that is broken JSON",
    injected: "a good body cut off behind each of its bytes, or with one byte of it changed",
    holds: "400, or as good as another body; nothing that was refused is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    for (let length = 0; length < WHOLE.length; length++)
      expect(await statusOf(post(WHOLE.slice(0, length)))).toBe(400);
    expect(await stored()).toBe(0);
    let taken = 0;
    for (let index = 0; index < WHOLE.length; index++) {
      for (const byte of ['"', "}", "\\", "\n"]) {
        const status = await statusOf(post(WHOLE.slice(0, index) + byte + WHOLE.slice(index + 1)));
        expect([200, 400]).toContain(status);
        if (status === 200) taken += 1;
      }
    }
    expect(await stored()).toBe(taken);
  },
);

testFault(
  {
    area: "http",
    fault: "a body that is no UTF-8",
    injected: "stray, overlong, surrogate and cut bytes in the arguments, the topic and behind the end; UTF-16; a BOM",
    holds: "400, nothing is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    const wrong = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]];
    for (const bytes of wrong) {
      for (const place of [WHOLE.indexOf("x"), WHOLE.indexOf("default"), WHOLE.length]) {
        const body = Buffer.concat([
          Buffer.from(WHOLE.slice(0, place)),
          Buffer.from(bytes),
          Buffer.from(WHOLE.slice(place)),
        ]);
        expect(await statusOf(post(body))).toBe(400);
      }
    }
    expect(await statusOf(post(Buffer.from(WHOLE, "utf16le")))).toBe(400);
    expect(await stored()).toBe(0);
  },
);

testFault(
  {
    area: "http",
    fault: "NUL and lone surrogates in arguments and names",
    injected: "escaped in values, in properties and in the topic's and the function's name",
    holds: "400, nothing is stored; whole pairs are taken",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    for (const wrong of ["\\u0000", "\\ud800", "\\udc00", "\\udc00\\ud800", "a\\ud83d"]) {
      for (const body of [
        withArgs(`["${wrong}"]`),
        withArgs(`[[{"a":"${wrong}"}]]`),
        withArgs(`[{"${wrong}":1}]`),
        `{"topic":"${wrong}","function":"echo","args":[]}`,
        `{"topic":"default","function":"${wrong}","args":[]}`,
        `{"topic":"default","function":"echo","args":[],"${wrong}":1}`,
      ]) {
        expect(await statusOf(post(body))).toBe(400);
      }
    }
    expect(await stored()).toBe(0);
    expect(await statusOf(post(withArgs('["\\ud83d\\ude00"]')))).toBe(200);
  },
);

testFault(
  {
    area: "http",
    fault: "arguments that are nested too deep",
    injected: "65 to 30,000 levels of arrays and of objects",
    holds: "400, nothing is stored; 64 levels are taken",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    const nested = (levels: number, open: string, close: string): string => {
      const inner = levels - 1; // the list of arguments is the first
      return withArgs(`[${open.repeat(inner)}0${close.repeat(inner)}]`);
    };
    for (const levels of [65, 1_000, 10_000]) {
      for (const [open, close] of [
        ["[", "]"],
        ['{"":', "}"],
      ] as const) {
        expect(await statusOf(post(nested(levels, open, close)))).toBe(400);
      }
    }
    expect(await statusOf(post(withArgs("[".repeat(30_000) + "]".repeat(30_000))))).toBe(400);
    expect(await stored()).toBe(0);
    expect(await statusOf(post(nested(64, "[", "]")))).toBe(200);
  },
);

testFault(
  {
    area: "http",
    fault: "a body that is too large, or lies about its length",
    injected:
      "one byte too many; 100 MB announced; chunks without an end; two lengths; a length that is no number; chunked and a length at once",
    holds: "413 or 400 before all of it was sent; nothing is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    const longest = "x".repeat(MAX_PAYLOAD_BYTES - '[""]'.length);
    expect(await statusOf(post(withArgs(`["${longest}x"]`)))).toBe(413);
    expect(await statusOf(`${HEAD}Content-Length: 104857600\r\n\r\n{`)).toBe(413);
    const chunk = `20000\r\n${" ".repeat(0x20000)}\r\n`;
    expect(await statusOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(8)}`)).toBe(413);
    const length = `Content-Length: ${WHOLE.length}\r\n`;
    for (const headers of [
      `${length}Content-Length: 1\r\n`,
      "Content-Length: x\r\n",
      "Content-Length: -1\r\n",
      `${length}Transfer-Encoding: chunked\r\n`,
      "Transfer-Encoding: gzip, chunked, identity\r\n",
    ]) {
      expect(await statusOf(`${HEAD}${headers}\r\n${WHOLE}`)).toBe(400);
    }
    for (const chunked of ["zz\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}\r\n"]) {
      expect(await statusOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunked}`)).toBe(400);
    }
    expect(await stored()).toBe(0);
    expect(await statusOf(post(withArgs(`["${longest}"]`)))).toBe(200);
  },
);
