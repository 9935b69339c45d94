import vm from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode, nested, refusalOf, textOf } from "./encode.ts";
import { stage3Error } from "./invalid.ts";

function toJSON(): string {
  return "changed";
}

class Point {
  readonly x = 1;
}

describe("arguments that JSON carries", () => {
  test("are the text that JSON.stringify gives", () => {
    const units = fc.constantFrom("grapheme", "grapheme-composite", "grapheme-ascii");
    const values = units.chain((stringUnit) => fc.array(fc.jsonValue({ stringUnit, maxDepth: 6 })));
    fc.assert(
      fc.property(values, (args) => {
        fc.pre(!JSON.stringify(args).includes(String.raw`\u0000`));
        expect(encode(args)).toBe(JSON.stringify(args));
      }),
      { numRuns: 500 },
    );
  });

  test("come back deeply equal, and all others are refused", () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
      withUnicodeString: true,
    } as fc.ObjectConstraints);
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 3 }), (args) => {
        const text = textOf(args);
        fc.pre(text !== undefined);
        expect(text).toBe(JSON.stringify(args));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(args)));
      }),
      { numRuns: 2_000 },
    );
  });

  test("leave out properties that are undefined", () => {
    expect(encode([{ a: undefined, b: 1, c: undefined, d: { e: undefined } }])).toBe('[{"b":1,"d":{}}]');
  });

  test("have -0 become 0", () => {
    expect(encode([-0, { x: -0 }])).toBe('[0,{"x":0}]');
  });

  test("may have keys that are names of Object.prototype, carried as data", () => {
    const text = '[{"__proto__":{"admin":true},"constructor":1,"hasOwnProperty":2,"toJSON":3}]';
    expect(encode(JSON.parse(text))).toBe(text);
  });

  test("may be objects without a prototype, and of another realm", () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(encode([bare, vm.runInNewContext('({ b: [1, { c: "d" }] })')])).toBe('[{"a":1},{"b":[1,{"c":"d"}]}]');
    expect(encode(vm.runInNewContext("[1, [2]]"))).toBe("[1,[2]]");
  });

  test("may hold the same object twice", () => {
    const shared = { a: 1 };
    expect(encode([shared, { shared }])).toBe('[{"a":1},{"shared":{"a":1}}]');
  });

  test("may be nested 64 levels deep, the list itself being level 1", () => {
    expect(encode(nested(64))).toBe("[".repeat(64) + "]".repeat(64));
    expect(() => encode(nested(65))).toThrow(stage3Error("INVALID_ARGS", "is nested deeper than 64 levels"));
  });
});

describe("what JSON would change is refused with its path", () => {
  const cases: readonly (readonly [what: string, value: unknown, message: string])[] = [
    ["a Date", new Date(0), "is a Date"],
    ["a Date of another realm", vm.runInNewContext("new Date(0)"), "is a Date"],
    ["a Map", new Map(), "is a Map"],
    ["a Set", new Set(), "is a Set"],
    ["a class instance", new Point(), "is an instance of Point"],
    ["an error", new TypeError("x"), "is an instance of TypeError"],
    ["a regular expression", /x/u, "is an instance of RegExp"],
    ["an object that inherits data", Object.create({ a: 1 }), "is an instance of"],
    ["a subclass of Array", new (class Stack extends Array {})(), "is an instance of Stack"],
    ["a Buffer", Buffer.from("x"), "is binary data"],
    ["an ArrayBuffer", new ArrayBuffer(1), "is binary data"],
    ["a promise", Promise.resolve(1), "is a Promise"],
    ["a boxed string", Object("x"), "is a boxed primitive"],
    ["a boxed number", Object(1), "is a boxed primitive"],
    ["a boxed boolean", Object(false), "is a boxed primitive"],
    ["a boxed BigInt", Object(1n), "is a boxed primitive"],
    ["a BigInt", 1n, "is a BigInt"],
    ["a function", () => {}, "is a function"],
    ["a class", Point, "is a function"],
    ["a symbol", Symbol("x"), "is a symbol"],
    ["NaN", Number.NaN, "is NaN"],
    ["Infinity", Number.POSITIVE_INFINITY, "is Infinity"],
    ["-Infinity", Number.NEGATIVE_INFINITY, "is -Infinity"],
    ["a lone high surrogate", "a\uD800", "contains a lone surrogate"],
    ["a lone low surrogate", "\uDC00a", "contains a lone surrogate"],
    ["surrogates in the wrong order", "\uDC00\uD800", "contains a lone surrogate"],
    ["U+0000", "a\0b", "contains the character U+0000"],
  ];

  test.each(cases)("%s", (_, value, message) => {
    expect(refusalOf(value)).toContain(`args[0] ${message}`);
    expect(refusalOf({ to: [1, value] })).toContain(`args[0].to[1] ${message}`);
  });

  test("undefined, and a hole, in an array", () => {
    expect(refusalOf(undefined)).toContain("args[0] is undefined");
    const holed: unknown[] = [1];
    holed[2] = 3;
    expect(refusalOf({ list: holed })).toContain("args[0].list[1] is undefined");
    expect(refusalOf([["a"], [undefined]])).toContain("args[0][1][0] is undefined");
  });

  test("a list with four thousand million holes, at once", () => {
    const holes: unknown[] = [];
    holes.length = 2 ** 32 - 1;
    expect(refusalOf(holes)).toContain("args[0][0] is undefined");
  });

  test("cycles", () => {
    const cycle: { to: unknown[] } = { to: [] };
    cycle.to.push({ back: cycle });
    expect(refusalOf(cycle)).toContain("args[0].to[0].back contains itself");
    const list: unknown[] = [];
    list.push(list);
    expect(() => encode(list)).toThrow(stage3Error("INVALID_ARGS", "args[0] contains itself"));
  });

  test("a key that no store keeps", () => {
    expect(refusalOf({ "a\0": 1 })).toContain('args[0]["a\\u0000"] contains the character U+0000');
    expect(refusalOf({ "\uD800": 1 })).toContain('args[0]["\\ud800"] contains a lone surrogate');
  });

  test("an enumerable symbol as a key, but no hidden one", () => {
    expect(refusalOf({ [Symbol("x")]: 1 })).toContain("args[0] has a symbol as a key");
    expect(encode([Object.defineProperty({ a: 1 }, Symbol("x"), { value: 1 })])).toBe('[{"a":1}]');
  });

  test("named properties of an array", () => {
    expect(refusalOf(/b/u.exec("abc"))).toContain("args[0].index is a named property of an array");
  });

  test("a toJSON method, its own or inherited, visible or hidden", () => {
    expect(refusalOf({ toJSON })).toContain("args[0].toJSON is a function");
    expect(refusalOf(Object.defineProperty({}, "toJSON", { value: toJSON }))).toContain("args[0] has a toJSON method");
    expect(refusalOf(Object.defineProperty([], "toJSON", { value: toJSON }))).toContain("args[0] has a toJSON method");
  });

  test("the first one of several is named", () => {
    expect(refusalOf({ a: [0, new Date()], b: Number.NaN })).toContain("args[0].a[1] is a Date");
  });

  test("a path names keys that are no identifiers in quotes, and cuts long ones", () => {
    expect(refusalOf({ "a b": { "1": Number.NaN } })).toContain('args[0]["a b"]["1"] is NaN');
    expect(refusalOf({ ["k".repeat(10_000)]: Number.NaN }).length).toBeLessThan(200);
  });

  test.each([["text"], [null], [undefined], [{}], [{ length: 0 }], [new Set()]])("a list that is %o", (args) => {
    expect(() => encode(args)).toThrow(stage3Error("INVALID_ARGS", "args is not an array"));
  });
});
