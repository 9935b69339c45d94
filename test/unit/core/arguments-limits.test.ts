import vm from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode, nested, refusalOf } from "./encode.ts";
import { stage3Error } from "./invalid.ts";

describe("the size of arguments", () => {
  test("is counted in bytes of UTF-8 of the JSON text", () => {
    expect(encode(["äöü"], 10)).toBe('["äöü"]');
    expect(() => encode(["äöü"], 9)).toThrow(stage3Error("INVALID_ARGS", "larger than the 9 bytes"));
  });

  test("is the same as that of JSON.stringify's text, whatever the arguments", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ stringUnit: "grapheme" })), (args) => {
        const bytes = Buffer.byteLength(JSON.stringify(args));
        expect(() => encode(args, bytes - 1)).toThrow(stage3Error("INVALID_ARGS", `the ${bytes - 1} bytes`));
        expect(encode(args, bytes)).toBe(JSON.stringify(args));
      }),
    );
  });

  test("is judged before the text is built: a few objects that unfold without end are refused at once", () => {
    for (const leaf of [[], {}, "x"]) {
      let value: unknown = leaf;
      for (let level = 0; level < 60; level++) value = [value, value];
      expect(refusalOf(value)).toContain("args, as JSON, is larger than");
    }
  });

  test("of the longest string there can be is judged before it is copied", () => {
    const longest = "x".repeat(2 ** 29 - 24);
    expect(refusalOf(longest)).toContain("args, as JSON, is larger than");
  });
});

describe("hostile arguments", () => {
  test("nested a million levels deep do not overflow the stack", () => {
    expect(refusalOf(nested(1_000_000))).toContain("is nested deeper than 64 levels");
  });

  test("that unfold while they are read end at the same depth", () => {
    const endless: object = new Proxy(
      {},
      { ownKeys: () => ["x"], getOwnPropertyDescriptor: () => shown, get: () => endless2() },
    );
    const shown = { enumerable: true, configurable: true, value: 0 };
    const endless2 = (): object => ({
      get x(): object {
        return endless2();
      },
    });
    expect(refusalOf(endless)).toContain("is nested deeper than 64 levels");
  });

  test("a getter runs once, and what it gave is what is stored", () => {
    let calls = 0;
    const args = [
      {
        get value(): unknown {
          calls++;
          return calls === 1 ? "safe" : new Date();
        },
      },
    ];
    expect(encode(args)).toBe('[{"value":"safe"}]');
    expect(calls).toBe(1);
  });

  test("a proxy that answers otherwise the second time is stored as it was read", () => {
    const reads = new Map<unknown, number>();
    const fickle = new Proxy(["a", "b"], {
      get(target, key, receiver) {
        const read = (reads.get(key) ?? 0) + 1;
        reads.set(key, read);
        return read === 1 ? (Reflect.get(target, key, receiver) as unknown) : 1n;
      },
    });
    expect(encode([fickle])).toBe('[["a","b"]]');
    expect(reads.get("0")).toBe(1);
    expect(reads.get("length")).toBe(1);
  });

  test("a getter that throws is a refusal with its path and its cause", () => {
    const cause = new Error("no");
    const value = {
      a: [
        {
          get b(): never {
            throw cause;
          },
        },
      ],
    };
    expect(() => encode([value])).toThrow(expect.objectContaining({ code: "INVALID_ARGS", cause }));
    expect(refusalOf(value)).toContain("args[0].a[0].b cannot be read: no");
  });

  test("a revoked proxy is a refusal", () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(refusalOf({ a: proxy })).toContain("args[0].a cannot be read");
    expect(() => encode(proxy)).toThrow(stage3Error("INVALID_ARGS", "args is not an array"));
  });

  test("a getter may encode arguments of its own", () => {
    const args = [
      {
        get inner(): string {
          return encode([1, { a: [2] }]);
        },
        outer: 3,
      },
    ];
    expect(encode(args)).toBe(JSON.stringify([{ inner: '[1,{"a":[2]}]', outer: 3 }]));
  });

  test("a toJSON that somebody put on Object.prototype is refused rather than called", () => {
    const args: unknown = vm.runInNewContext('Object.prototype.toJSON = () => "changed"; [{ a: 1 }]');
    expect(() => encode(args)).toThrow(stage3Error("INVALID_ARGS", "args has a toJSON method"));
    expect(() => encode([...(args as unknown[])])).toThrow(stage3Error("INVALID_ARGS", "args[0] has a toJSON method"));
  });
});
