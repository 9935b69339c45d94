import { describe, expect, it } from "vitest";
import { createApi, MAX_PAYLOAD_BYTES } from "./api.ts";

const TASK = { topic: "default", function: "send emails", args: [] };
const JSON_TYPE = { "content-type": "application/json" };
const HUNDRED_MB = 100 * 1024 * 1024;

/** A body of 100 MB that counts what is taken of it. */
function hugeBody(): { stream: ReadableStream<Uint8Array>; readonly taken: () => number } {
  const chunk = new Uint8Array(64 * 1024).fill(0x20);
  let bytes = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      bytes += chunk.byteLength;
      if (bytes > HUNDRED_MB) controller.close();
      else controller.enqueue(chunk);
    },
  });
  return { stream, taken: () => bytes };
}

describe("content type", () => {
  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
  ])("takes %s", async (type) => {
    const { post } = createApi();
    expect(await post(TASK, { "content-type": type })).toMatchObject({ status: 200 });
  });

  it.each([
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/plain; application/json",
    "application/json-seq",
    "application/json; charset=latin1",
    "application/json, text/plain",
    "multipart/form-data; boundary=x",
    "",
  ])('refuses "%s"', async (type) => {
    const { post, engine } = createApi();
    expect(await post(TASK, { "content-type": type })).toMatchObject({ status: 415, body: { status: "error" } });
    expect(engine.requests).toEqual([]);
  });

  it("refuses none, and a compressed body", async () => {
    const { call, post } = createApi();
    const body = new TextEncoder().encode(JSON.stringify(TASK));
    expect(await call({ method: "POST", body })).toMatchObject({ status: 415 });
    expect(await post(TASK, { "content-encoding": "gzip" })).toMatchObject({ status: 415 });
  });
});

describe("content", () => {
  it.each([
    ["nothing", ""],
    ["broken JSON", '{"topic":'],
    ["two values", "{} {}"],
    ["NaN", '{"topic":"default","function":"send emails","args":[NaN]}'],
    ["a byte order mark alone", "\uFEFF"],
  ])("refuses %s", async (_what, body) => {
    const { call, engine } = createApi();
    expect(await call({ method: "POST", body, headers: JSON_TYPE })).toMatchObject({
      status: 400,
      body: { message: "The body is not valid JSON", status: "error" },
    });
    expect(engine.requests).toEqual([]);
  });

  it.each([
    ["a stray byte", [0xff]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a character cut short", [0xe2, 0x82]],
  ])("refuses invalid UTF-8: %s", async (_what, bytes) => {
    const { call, engine } = createApi();
    const body = Buffer.concat([
      Buffer.from('{"topic":"default","function":"send emails","args":["'),
      Buffer.from(bytes),
      Buffer.from('"]}'),
    ]);
    expect(await call({ method: "POST", body, headers: JSON_TYPE })).toMatchObject({
      status: 400,
      body: { message: "The body is not valid UTF-8", status: "error" },
    });
    expect(engine.requests).toEqual([]);
  });

  it("takes a character that arrives in two pieces", async () => {
    const { call, engine } = createApi();
    const bytes = Buffer.from(JSON.stringify({ ...TASK, args: ["€"] }));
    const split = bytes.indexOf(0x82);
    const body = ReadableStream.from([bytes.subarray(0, split), bytes.subarray(split)]);
    expect(await call({ method: "POST", body, headers: JSON_TYPE })).toMatchObject({ status: 200 });
    expect(engine.requests[0]?.args).toBe('["€"]');
  });

  it("refuses a body that ends early", async () => {
    const { call, reported } = createApi();
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect(await call({ method: "POST", body, headers: JSON_TYPE })).toMatchObject({ status: 400 });
    expect(reported).toEqual([]);
  });
});

describe("size", () => {
  const TOO_LARGE = { status: 413, body: { status: "error" } };

  it("refuses 100 MB that tell their length, and reads nothing", async () => {
    const { call } = createApi();
    const { stream, taken } = hugeBody();
    const headers = { ...JSON_TYPE, "content-length": String(HUNDRED_MB) };
    const answer = await call({ method: "POST", body: stream, headers });
    expect(answer).toMatchObject(TOO_LARGE);
    expect(taken()).toBeLessThan(1024 * 1024);
  });

  it("refuses 100 MB that tell no length, and reads hardly more than is allowed", async () => {
    const { call } = createApi();
    const { stream, taken } = hugeBody();
    expect(await call({ method: "POST", body: stream, headers: JSON_TYPE })).toMatchObject(TOO_LARGE);
    expect(taken()).toBeLessThan(2 * 1024 * 1024);
  });

  it("believes no length that is too small", async () => {
    const { call } = createApi();
    const headers = { ...JSON_TYPE, "content-length": "10" };
    expect(await call({ method: "POST", body: hugeBody().stream, headers })).toMatchObject(TOO_LARGE);
  });

  it("takes arguments that are just as large as is allowed, and refuses one byte more", async () => {
    const { post, engine } = createApi();
    const longest = "x".repeat(MAX_PAYLOAD_BYTES - '[""]'.length);
    expect(await post({ ...TASK, args: [longest] })).toMatchObject({ status: 200 });
    expect(await post({ ...TASK, args: [`${longest}x`] })).toMatchObject(TOO_LARGE);
    expect(engine.requests).toHaveLength(1);
  });

  it("refuses arguments that are nested too deep, however many levels", async () => {
    const { call, reported } = createApi();
    for (const levels of [65, 10_000, 500_000]) {
      const args = "[".repeat(levels) + "]".repeat(levels);
      const body = `{"topic":"default","function":"send emails","args":${args}}`;
      expect(await call({ method: "POST", body, headers: JSON_TYPE })).toMatchObject({ status: 400 });
    }
    expect(reported).toEqual([]);
  });
});
