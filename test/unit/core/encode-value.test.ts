import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeValue } from "../../../src/core/json/arguments.ts";

const MAX_BYTES = 1024;

function dropped(reason: string): unknown {
  return { dropped: expect.stringContaining(reason) as string };
}

test.each([[null], [0], ["text"], [false], [[1, { a: "b" }]], [{ messageId: "<1@example.com>", accepted: ["a"] }]])(
  "%j is kept as JSON",
  (value) => {
    expect(encodeValue(value, MAX_BYTES)).toEqual({ json: JSON.stringify(value) });
  },
);

test("a handler that returns nothing has no result", () => {
  expect(encodeValue(undefined, MAX_BYTES)).toEqual({ json: undefined });
});

class Money {
  readonly cents: number = 5;
  toJSON(): string {
    return `${this.cents} ct`;
  }
}

class Point {
  readonly x: number = 1;
  readonly y: undefined;
  move(): void {}
}

test.each<[what: string, value: unknown, json: string]>([
  ["a Date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ["a Date within", { rows: [{ at: new Date(0) }] }, '{"rows":[{"at":"1970-01-01T00:00:00.000Z"}]}'],
  ["what has a toJSON", [new Money(), new URL("http://localhost/")], '["5 ct","http://localhost/"]'],
  ["an instance of a class", new Point(), '{"x":1}'],
  ["undefined in an array", [undefined, 1], "[null,1]"],
  ["properties that are undefined, functions or symbols", { a: undefined, b() {}, c: Symbol("c"), d: 1 }, '{"d":1}'],
  ["a Buffer", { bytes: Buffer.from("a") }, '{"bytes":{"type":"Buffer","data":[97]}}'],
  ["an array with named properties", "a".match(/a/u), '["a"]'],
])("%s becomes what JSON.stringify makes of it", (_, value, json) => {
  expect(encodeValue(value, MAX_BYTES)).toEqual({ json });
  expect(JSON.stringify(value)).toBe(json);
});

test("toJSON is called once, with the key, as by JSON.stringify", () => {
  const keys: unknown[] = [];
  const value = { toJSON: (key: unknown) => keys.push(key) };
  expect(encodeValue([value, { a: value }], MAX_BYTES)).toEqual({ json: '[1,{"a":2}]' });
  expect(keys).toEqual(["0", "a"]);
  expect(encodeValue({ toJSON() {} }, MAX_BYTES)).toEqual(dropped("value is undefined"));
});

test("what JSON cannot represent, or would silently lose, is dropped, and the reason names its place", () => {
  expect(encodeValue(() => {}, MAX_BYTES)).toEqual(dropped("value is a function"));
  expect(encodeValue([() => {}], MAX_BYTES)).toEqual(dropped("value[0] is a function"));
  expect(encodeValue(Number.NaN, MAX_BYTES)).toEqual(dropped("value is NaN"));
  expect(encodeValue({ id: 1n }, MAX_BYTES)).toEqual(dropped("value.id is a BigInt"));
  expect(encodeValue({ seen: new Map() }, MAX_BYTES)).toEqual(dropped("value.seen is a Map"));
  expect(encodeValue([new Set([1])], MAX_BYTES)).toEqual(dropped("value[0] is a Set"));
  expect(encodeValue(Object.assign(new Error("no"), { code: 1 }), MAX_BYTES)).toEqual(
    dropped("value is an instance of Error"),
  );
  expect(encodeValue(new AbortController(), MAX_BYTES)).toEqual(dropped("value is an instance of AbortController"));
});

test("what is too large is dropped", () => {
  expect(encodeValue("x".repeat(MAX_BYTES - 2), MAX_BYTES)).toHaveProperty("json");
  expect(encodeValue("x".repeat(MAX_BYTES - 1), MAX_BYTES)).toEqual(dropped("larger than the 1024 bytes"));
});

test("nothing makes it throw", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(encodeValue(proxy, MAX_BYTES)).toEqual(dropped("value cannot be read"));
  const hostile = {
    get a(): never {
      throw proxy as Error;
    },
  };
  expect(encodeValue(hostile, MAX_BYTES)).toEqual(dropped("value.a cannot be read"));
  const throwing = {
    toJSON() {
      throw new Error("no");
    },
  };
  expect(encodeValue([throwing], MAX_BYTES)).toEqual(dropped("value[0] cannot be read: no"));
  const endless = { toJSON: () => ({ more: endless }) };
  expect(encodeValue(endless, MAX_BYTES)).toEqual(dropped("is nested deeper than 64 levels"));
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
      const encoded = encodeValue(value, MAX_BYTES);
      expect(encoded).toEqual("json" in encoded ? { json: JSON.stringify(value) } : dropped("value"));
    }),
  );
});
