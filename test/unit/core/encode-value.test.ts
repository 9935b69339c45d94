import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeValue } from "../../../src/core/arguments.ts";

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

test("what JSON would change is dropped, and the reason names its place", () => {
  expect(encodeValue(new Date(), MAX_BYTES)).toEqual(dropped("value is a Date"));
  expect(encodeValue({ rows: [{ sentAt: new Date() }] }, MAX_BYTES)).toEqual(dropped("value.rows[0].sentAt is a Date"));
  expect(encodeValue(() => {}, MAX_BYTES)).toEqual(dropped("value is a function"));
  expect(encodeValue(Number.NaN, MAX_BYTES)).toEqual(dropped("value is NaN"));
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
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
      const encoded = encodeValue(value, MAX_BYTES);
      expect(encoded).toEqual("json" in encoded ? { json: JSON.stringify(value) } : dropped("value"));
    }),
  );
});
