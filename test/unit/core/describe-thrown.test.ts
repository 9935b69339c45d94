import vm from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeThrown, LONGEST_FAILURE_TEXT } from "../../../src/core/failure.ts";

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwing(): never {
  throw new Error("a trap");
}

describe("what was thrown, as text", () => {
  test("is an error's message and stack", () => {
    const error = new RangeError("out of range");
    expect(describeThrown(error)).toEqual({ message: "out of range", stack: error.stack });
  });

  test("is the name of an error without a message", () => {
    expect(describeThrown(new TypeError()).message).toBe("TypeError");
  });

  test("is the name, with the stack, of an error whose message is no text", () => {
    const error = Object.assign(new TypeError("x"), { message: 5 });
    expect(describeThrown(error)).toEqual({ message: "TypeError", stack: error.stack });
  });

  test("is not what a thrown object says of itself", () => {
    const thrown = { code: 7, [Symbol.for("nodejs.util.inspect.custom")]: () => "something else" };
    expect(describeThrown(thrown).message).toContain("code: 7");
  });

  test("is that of an error of another realm", () => {
    const thrown = describeThrown(vm.runInNewContext("new Error('elsewhere')"));
    expect(thrown.message).toBe("elsewhere");
    expect(thrown.stack).toContain("elsewhere");
  });

  test("is the message of what looks like an error", () => {
    expect(describeThrown({ message: "plain" })).toEqual({ message: "plain" });
  });

  test("names the causes, up to the fourth", () => {
    const chain = ["e", "d", "c", "b", "a"].reduce<Error>(
      (cause, message) => new Error(message, { cause }),
      new Error("f"),
    );
    const { message, stack } = describeThrown(chain);
    expect(message).toBe("a (caused by: b (caused by: c (caused by: d (caused by: e))))");
    expect(stack).toMatch(/^Error: a\n {4}at [^]*\nCaused by: Error: b\n {4}at /u);
  });

  test("names a cause that is no error", () => {
    expect(describeThrown(new Error("a", { cause: { code: 7 } })).message).toBe("a (caused by: { code: 7 })");
  });

  test("ends where causes go round in a circle", () => {
    const error = new Error("a");
    error.cause = error;
    expect(describeThrown(error).message).toMatch(/^a \(caused by: a/u);
  });

  test("names the first errors of an AggregateError", () => {
    const errors = Array.from({ length: 8 }, (_, index) => new Error(`e${index}`));
    expect(describeThrown(new AggregateError(errors, "all failed")).message).toBe(
      "all failed [e0; e1; e2; e3; e4; and 3 more]",
    );
  });

  test.each([
    [null, "null"],
    [undefined, "undefined"],
    [0, "0"],
    [1n, "1n"],
    [Symbol("s"), "Symbol(s)"],
    ["text", "text"],
    ["", "An empty string was thrown."],
    [{ code: "E1" }, "{ code: 'E1' }"],
    [Object.freeze([1]), "[ 1 ]"],
  ])("of %o is %j, without a stack", (thrown, message) => {
    expect(describeThrown(thrown)).toEqual({ message });
  });
});

describe("whatever is thrown, it is described", () => {
  const traps: ProxyHandler<object> = {
    get: throwing,
    has: throwing,
    ownKeys: throwing,
    getPrototypeOf: throwing,
    getOwnPropertyDescriptor: throwing,
  };
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const withGetters = Object.defineProperties(new Error("hidden"), {
    message: { get: throwing },
    stack: { get: throwing },
    cause: { get: throwing },
    name: { get: throwing },
  });
  const hostile: readonly (readonly [string, unknown])[] = [
    ["a cycle", cycle],
    ["an error whose getters throw", withGetters],
    ["a proxy whose traps throw", new Proxy(new Error("x"), traps)],
    ["a revoked proxy", revokedProxy()],
    ["an error caused by a revoked proxy", new Error("x", { cause: revokedProxy() })],
    ["an aggregate of revoked proxies", new AggregateError([revokedProxy(), withGetters], "x")],
    ["an error whose message is an object", Object.assign(new Error("x"), { message: { toString: throwing } })],
    ["an error whose errors are a hostile list", Object.assign(new Error("x"), { errors: new Proxy([], traps) })],
    ["an object without a prototype", Object.create(null)],
    ["an object whose tag throws", Object.defineProperty({}, Symbol.toStringTag, { get: throwing })],
    ["a function", throwing],
    ["an object that inspects itself", { [Symbol.for("nodejs.util.inspect.custom")]: throwing }],
  ];

  test.each(hostile)("%s", (_, thrown) => {
    const { message, stack } = describeThrown(thrown);
    expect(message).not.toBe("");
    expect(["string", "undefined"]).toContain(typeof stack);
  });

  test("anything at all", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (thrown) => {
        const { message } = describeThrown(thrown);
        expect(message.isWellFormed() && !message.includes("\0")).toBe(true);
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(LONGEST_FAILURE_TEXT);
      }),
    );
  });
});

describe("the texts are cut", () => {
  test("to 8 KiB each, keeping the frames of a stack whose message is long", () => {
    const { message, stack = "" } = describeThrown(new Error("m".repeat(10_000_000)));
    expect(message).toBe("m".repeat(LONGEST_FAILURE_TEXT));
    expect(Buffer.byteLength(stack)).toBeLessThanOrEqual(LONGEST_FAILURE_TEXT);
    expect(stack).toMatch(/^Error: m{1024}…\n {4}at /u);
  });

  test("in bytes of UTF-8, between two characters", () => {
    for (const start of ["", "a", "aa", "aaa"]) {
      const { message } = describeThrown(new Error(start + "😀".repeat(5_000)));
      expect(message).toMatch(/^a*(?:😀)+$/u);
      expect(Buffer.byteLength(message)).toBeGreaterThan(LONGEST_FAILURE_TEXT - 4);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(LONGEST_FAILURE_TEXT);
    }
  });

  test("and what no store keeps is replaced", () => {
    expect(describeThrown(new Error("a\0b\uD800c")).message).toBe("a\uFFFDb\uFFFDc");
    expect(describeThrown("\uDC00").message).toBe("\uFFFD");
  });
});
