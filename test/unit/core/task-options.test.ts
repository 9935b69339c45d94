import { describe, expect, test } from "vitest";
import { parseFunctionPolicy, parseTaskOptions } from "../../../src/core/options/task-options.ts";
import { invalidOption, stage3Error } from "./invalid.ts";

const LIMITS = { timeout: "30s", abortGrace: 500, maxRestarts: 0, maxBackoff: "1m" };
const PARSED_LIMITS = { timeoutMs: 30_000, abortGraceMs: 500, maxRestarts: 0, maxBackoffMs: 60_000 };

describe("the options of an enqueue", () => {
  test.each([[undefined], [{}], [{ priority: undefined, timeout: undefined }]])("are none: %j", (options) => {
    expect(parseTaskOptions(options)).toStrictEqual({ options: {} });
  });

  test("are kept in milliseconds", () => {
    expect(parseTaskOptions({ priority: 1, ...LIMITS })).toStrictEqual({ priority: 1, options: PARSED_LIMITS });
  });

  test("hold only what was given", () => {
    expect(parseTaskOptions({ maxBackoff: 0 })).toStrictEqual({ options: { maxBackoffMs: 0 } });
  });

  test.each(["k", "x".repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~!"])("may have the key %s", (key) => {
    expect(parseTaskOptions({ idempotencyKey: key }).idempotencyKey).toBe(key);
  });

  test.each(["", "x".repeat(256), "a b", "a\n", "é", "\u007F", 5, null, ["k"]])(
    "may not have the key %j",
    (key: unknown) => {
      const message = "idempotencyKey must be a string of 1 to 255 visible ASCII characters without spaces";
      expect(() => parseTaskOptions({ idempotencyKey: key })).toThrow(invalidOption(message));
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("may have priority %d", (priority) => {
    expect(parseTaskOptions({ priority }).priority).toBe(priority);
  });

  test.each([
    [0],
    [-1],
    [11],
    [1.5],
    ["1"],
    [""],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [true],
    [[5]],
    [null],
    [{}],
    [5n],
    [Object(5)],
  ])("may not have priority %o", (priority: unknown) => {
    const message = "priority must be a whole number from 1 (the most urgent) to 10";
    expect(() => parseTaskOptions({ priority })).toThrow(stage3Error("INVALID_PRIORITY", message));
  });

  test.each([
    ["2027-01-31T08:00:00Z", Date.UTC(2027, 0, 31, 8)],
    ["2027-01-31t08:00:00.5z", Date.UTC(2027, 0, 31, 8, 0, 0, 500)],
    ["2027-01-31 08:00:00+05:30", Date.UTC(2027, 0, 31, 2, 30)],
    ["2028-02-29T00:00:00-00:00", Date.UTC(2028, 1, 29)],
    ["1969-12-31T23:59:59Z", -1_000],
    [new Date(5), 5],
  ])("may run at %s", (runAt, expected) => {
    expect(parseTaskOptions({ runAt }).runAt).toBe(expected);
  });

  test.each([
    ["2027-01-31T08:00:00"],
    ["2027-01-31"],
    ["2027-02-29T08:00:00Z"],
    ["2027-13-01T08:00:00Z"],
    ["2027-01-31T24:00:00Z"],
    ["2027-01-31T08:00:00+24:00"],
    ["tomorrow"],
    [""],
    [5],
    [null],
    [new Date(Number.NaN)],
    [new Date(8_640_000_000_000_000)],
  ])("may not run at %o", (runAt: unknown) => {
    expect(() => parseTaskOptions({ runAt })).toThrow(invalidOption("runAt must be a Date, or an RFC 3339 time"));
  });

  test("may not have both a delay and a time", () => {
    const both = { delay: 5, runAt: new Date(5) };
    expect(() => parseTaskOptions(both)).toThrow(invalidOption("delay and runAt cannot be given together"));
  });

  test("may not have a getter or a trap that throws", () => {
    const cause = new Error("not now");
    const throws = (): never => {
      throw cause;
    };
    const getter = Object.defineProperty({}, "priority", { enumerable: true, get: throws });
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const options of [getter, new Proxy({}, { ownKeys: throws })]) {
      const refused = expect.objectContaining({ code: "INVALID_OPTION", cause });
      expect(() => parseTaskOptions(options)).toThrow(refused);
      expect(() => parseTaskOptions(options)).toThrow("The options cannot be read: not now.");
    }
    expect(() => parseTaskOptions(revoked)).toThrow(invalidOption("The options cannot be read: "));
  });

  test.each([
    [{ timeout: "x" }, "timeout must be a duration"],
    [{ timeout: 0 }, "timeout must be more than 0"],
    [{ timeout: null }, "timeout must be a duration"],
    [{ abortGrace: -1 }, "abortGrace must be a duration"],
    [{ maxRestarts: 1.5 }, "maxRestarts must be a whole number from 0 to 1,000,000"],
    [{ maxRestarts: 1_000_001 }, "maxRestarts must be a whole number from 0 to 1,000,000, not 1000001"],
    [{ maxBackoff: Number.POSITIVE_INFINITY }, "maxBackoff must be a duration"],
    [{ prioritty: 5 }, "prioritty is an unknown option of an enqueue; did you mean priority?"],
    [
      { isolation: "inline" },
      "isolation is not an option of an enqueue; it is an option of a queue and a task's policy.",
    ],
    [JSON.parse('{"__proto__":{"priority":1}}'), "__proto__ is an unknown option of an enqueue"],
    [null, "The options must be an object"],
    [5, "The options must be an object"],
    [[], "The options must be an object"],
  ])("may not be %j", (options, message) => {
    expect(() => parseTaskOptions(options)).toThrow(invalidOption(message));
  });
});

describe("the policy of a function", () => {
  test("is kept in milliseconds and bytes", () => {
    const policy = { priority: 3, isolation: "thread", maxMemory: "1gb", ...LIMITS };
    expect(parseFunctionPolicy(policy, "f")).toStrictEqual({
      priority: 3,
      isolation: "thread",
      maxMemoryBytes: 1_073_741_824,
      ...PARSED_LIMITS,
    });
  });

  test("holds only what was given", () => {
    expect(parseFunctionPolicy({ timeout: undefined }, "f")).toStrictEqual({});
  });

  test.each([
    [{ priority: 0 }, 'task("send emails").priority must be a whole number from 1'],
    [{ timeout: 0 }, 'task("send emails").timeout must be more than 0'],
    [{ isolation: "fork" }, 'task("send emails").isolation must be "inline" or "thread" or "process"'],
    [{ maxMemory: "1tb" }, 'task("send emails").maxMemory must be a size'],
    [{ maxMemory: "64mb" }, 'task("send emails").maxMemory must be at least 96 MB, not "64mb"'],
    [
      { maxMemory: "1gb", isolation: "inline" },
      'task("send emails").maxMemory cannot hold for what runs inline, in the memory of the application.',
    ],
    [
      { maxConcurrency: 5 },
      'task("send emails").maxConcurrency is not an option of a task\'s policy; it is an option of a queue.',
    ],
    [{ idempotencyKey: "k" }, "idempotencyKey is not an option of a task's policy; it is an option of an enqueue."],
    [undefined, 'task("send emails") must be an object'],
    [null, 'task("send emails") must be an object'],
  ])("may not be %j", (policy, message) => {
    expect(() => parseFunctionPolicy(policy, "send emails")).toThrow(invalidOption(message));
  });
});
