import { inspect } from "node:util";
import { expect, test } from "vitest";
import { toLogLine } from "../../../src/executor/log-line.ts";

test("keeps a line as it is, its fields copied", () => {
  const fields = { step: 1, when: new Date(0), of: new Map([[1, new Set([2])]]), error: new TypeError("inside") };
  const line = toLogLine("half way", fields);
  fields.step = 2;
  expect(line).toMatchObject({ message: "half way", cut: false });
  expect(line.fields).toEqual({ ...fields, step: 1 });
});

test.each([
  ["a number", 5, "5"],
  ["nothing", undefined, "undefined"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["lone surrogates and U+0000", "a\uD800\0", "a\uFFFD\uFFFD"],
  ["what has no text", Object.create(null), "[Object: null prototype] {}"],
])("makes a text of a message that is %s", (_, message, text) => {
  expect(toLogLine(message, undefined)).toMatchObject({ message: text, fields: undefined, cut: false });
});

test("cuts a message and fields that are too large, and says so in them", () => {
  const { message, fields, cut } = toLogLine("ü".repeat(100_000), { text: "x".repeat(100_000) });
  expect(cut).toBe(true);
  for (const part of [message, fields]) {
    expect(part).toMatch(/… \(cut\)$/u);
    expect(Buffer.byteLength(part as string)).toBeLessThanOrEqual(64 * 1024);
  }
});

test.each([
  ["a function", () => 1, "[Function"],
  ["shared memory", new SharedArrayBuffer(8), "SharedArrayBuffer"],
  [
    "a proxy that throws",
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    ),
    "{}",
  ],
  ["65 levels", nested(65), "[Array]"],
])("shows %s as a text", (_, fields, text) => {
  const line = toLogLine("m", fields);
  expect(line.cut).toBe(false);
  expect(line.fields).toContain(text);
});

test("carries 64 levels, and cycles", () => {
  expect(toLogLine("m", nested(64)).fields).toEqual(nested(64));
  const cycle: { self?: object } = {};
  cycle.self = cycle;
  expect(inspect(toLogLine("m", cycle).fields)).toBe(inspect(cycle));
});

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}
