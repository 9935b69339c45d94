import { expect, test } from "vitest";
import { encodeArguments } from "../../../src/core/json/arguments.ts";
import { packArguments, unpackArguments } from "../../../src/core/json/packed-arguments.ts";
import { stage3Error } from "./invalid.ts";

const MAX = 1_000;

test("carries what v8.serialize carries, unchanged", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const args = [
    new Date(5),
    new Map([["a", new Set([1n])]]),
    new Uint8Array([0, 255]),
    Buffer.from("text"),
    [undefined, NaN, -0, "\0\uD800"],
    cycle,
  ];
  const unpacked = unpackArguments(packArguments(args, MAX));
  expect(unpacked).toEqual(args);
  expect(Object.is((unpacked[4] as number[])[2], -0)).toBe(true);
  expect((unpacked[5] as typeof cycle).self).toBe(unpacked[5]);
});

test("reads JSON as well", () => {
  expect(unpackArguments(encodeArguments([1, { two: [3] }], MAX))).toEqual([1, { two: [3] }]);
  expect(unpackArguments("[]")).toEqual([]);
});

test("refuses what it does not carry, and what is too large", () => {
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  for (const args of [undefined, "text", { length: 0 }, revoked.proxy]) {
    expect(() => packArguments(args, MAX)).toThrow(stage3Error("INVALID_ARGS", "args is not an array"));
  }
  for (const arg of [() => 1, Symbol("s"), new SharedArrayBuffer(1), new Proxy({}, {})]) {
    expect(() => packArguments([arg], MAX)).toThrow(stage3Error("INVALID_ARGS", "args cannot be packed: "));
  }
  const getter = {
    get value(): never {
      throw new Error("from the getter");
    },
  };
  expect(() => packArguments([getter], MAX)).toThrow(stage3Error("INVALID_ARGS", "from the getter"));
  expect(() => packArguments(["x".repeat(MAX)], MAX)).toThrow(stage3Error("INVALID_ARGS", "maxPayload"));
  expect(packArguments(["x".repeat(MAX - 20)], MAX)).toMatch(/^v8:/);
});
