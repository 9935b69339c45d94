import { AssertionError } from "node:assert";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { task } from "../../../src/tasks.ts";
import { type AsymmetricMatcher, matching } from "../../../src/testing.ts";
import { openTest } from "./open-test.ts";

const tasks = {
  "send welcome"(_address: string, _options?: { loud?: boolean; at?: number }) {},
  "send goodbye"(_address: string) {},
  urgent: task({ priority: 2 }, () => {}),
};

async function openMail() {
  const stage3 = await openTest({ tasks, queues: { emails: {}, other: { priority: 7 } } });
  const { broker } = stage3;
  return { stage3, broker };
}

function failureOf(action: () => unknown): AssertionError {
  try {
    action();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

describe("expectEnqueued", () => {
  it("returns the first such task, as it was enqueued", async () => {
    const { stage3, broker } = await openMail();
    const id = await broker.enqueue("emails", "send welcome", ["a@example.com", { loud: true }], {
      priority: 3,
      timeout: "30s",
      maxRestarts: 1,
    });
    await broker.enqueue("emails", "send welcome", ["b@example.com"]);
    expect(stage3.expectEnqueued("emails", "send welcome")).toEqual({
      id,
      topic: "emails",
      function: "send welcome",
      args: ["a@example.com", { loud: true }],
      priority: 3,
      options: { timeout: 30_000, maxRestarts: 1 },
      enqueuedAt: new Date("2026-01-01T00:00:00Z"),
    });
    expect(stage3.expectEnqueued("emails", "send welcome", ["b@example.com"]).args).toEqual(["b@example.com"]);
  });

  it("counts tasks whatever has become of them", async () => {
    const { stage3, broker } = await openMail();
    await broker.enqueue("emails", "send welcome", ["a@example.com"]);
    await stage3.drain();
    stage3.expectEnqueued("emails", "send welcome", ["a@example.com"]);
  });

  it("does not count a task that was refused", async () => {
    const stage3 = await openTest({ tasks, queues: { emails: { maxQueueLen: 0 } } });
    await expect(stage3.broker.enqueue("emails", "send goodbye", ["a"])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(stage3.enqueued()).toEqual([]);
    expect(failureOf(() => stage3.expectEnqueued("emails", "send goodbye")).message).toBe(
      'Expected "send goodbye" on "emails" to be enqueued, but it was not.\nNothing was enqueued.',
    );
  });

  it("knows a task whose call was not awaited once it has settled", async () => {
    const { stage3, broker } = await openMail();
    void broker.enqueue("emails", "send goodbye", ["a@example.com"]);
    expect(stage3.enqueued()).toEqual([]);
    await stage3.settle();
    stage3.expectEnqueued("emails", "send goodbye");
  });

  it("compares priorities as resolved, other options as given, durations in any form", async () => {
    const { stage3, broker } = await openMail();
    await broker.enqueue("emails", "urgent", []);
    await broker.enqueue("other", "send goodbye", ["a"], { timeout: 90_000, maxBackoff: "5s", abortGrace: 0 });
    stage3.expectEnqueued("emails", "urgent", [], { priority: 2 });
    stage3.expectEnqueued("other", "send goodbye", undefined, { priority: 7, timeout: "1.5m", maxBackoff: 5_000 });
    stage3.expectEnqueued("other", "send goodbye", ["a"], { abortGrace: "0s" });
    const failure = failureOf(() => stage3.expectEnqueued("other", "send goodbye", ["a"], { timeout: "30s" }));
    expect(failure.message).toContain(
      'Expected "send goodbye" on "other" with [ \'a\' ], timeout 30000 to be enqueued',
    );
    expect(failure.message).toContain(
      '"send goodbye" on "other" with [ \'a\' ], priority 7, timeout 90000, abortGrace 0, maxBackoff 5000',
    );
    expect(failure.expected).toMatchObject({ options: { timeout: 30_000 } });
    expect(failure.actual).toMatchObject({ options: { timeout: 90_000 } });
    expect(() => stage3.expectEnqueued("emails", "urgent", [], { timeout: "soon" })).toThrow(/timeout must be/u);
  });

  it("knows a task once whose enqueue was repeated with its idempotency key", async () => {
    const { stage3, broker } = await openMail();
    const key = { idempotencyKey: "for a" };
    await expect(broker.enqueue("emails", "send goodbye", ["a"], key)).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    key.idempotencyKey = "for-a";
    const id = await broker.enqueue("emails", "send goodbye", ["a"], key);
    await broker.enqueue("emails", "send goodbye", ["a"], key);
    await broker.enqueueMany("emails", [
      ["send goodbye", ["a"], key],
      ["send goodbye", ["b"]],
    ]);
    expect(stage3.expectEnqueued("emails", "send goodbye", ["a"], { ...key, times: 1 }).id).toBe(id);
    stage3.expectEnqueued("emails", "send goodbye", undefined, { times: 2 });
    expect(() => stage3.expectEnqueued("emails", "send goodbye", ["b"], key)).toThrow(AssertionError);
  });

  it("counts where `times` asks for it", async () => {
    const { stage3, broker } = await openMail();
    await broker.enqueue("emails", "send goodbye", ["a"]);
    await broker.enqueue("emails", "send goodbye", ["b"]);
    stage3.expectEnqueued("emails", "send goodbye", undefined, { times: 2 });
    stage3.expectEnqueued("emails", "send goodbye", ["a"], { times: 1 });
    expect(failureOf(() => stage3.expectEnqueued("emails", "send goodbye", undefined, { times: 1 })).message).toMatch(
      /^Expected "send goodbye" on "emails" to be enqueued once, but it was 2 times\.\n/u,
    );
    expect(() => stage3.expectEnqueued("emails", "send goodbye", undefined, { times: 0 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });

  it("says what was enqueued instead, the nearest first, and lets frameworks draw the difference", async () => {
    const { stage3, broker } = await openMail();
    await broker.enqueue("other", "send goodbye", ["a@example.com"]);
    await broker.enqueue("other", "send welcome", ["b@example.com", {}]);
    await broker.enqueue("emails", "send welcome", ["c@example.com"]);
    await broker.enqueue("emails", "send welcome", ["b@example.com", { loud: true }]);
    const failure = failureOf(() => stage3.expectEnqueued("emails", "send welcome", ["b@example.com", { at: 1 }]));
    expect(failure.message.split("\n")).toEqual([
      `Expected "send welcome" on "emails" with [ 'b@example.com', { at: 1 } ] to be enqueued, but it was not.`,
      "Enqueued, nearest first:",
      `  "send welcome" on "emails" with [ 'b@example.com', { loud: true } ], priority 10`,
      `  "send welcome" on "emails" with [ 'c@example.com' ], priority 10`,
      `  "send welcome" on "other" with [ 'b@example.com', {} ], priority 7`,
      `  "send goodbye" on "other" with [ 'a@example.com' ], priority 7`,
    ]);
    expect(failure.code).toBe("ERR_ASSERTION");
    expect(failure.actual).toEqual({
      topic: "emails",
      function: "send welcome",
      args: ["b@example.com", { loud: true }],
    });
    expect(failure.expected).toEqual({ topic: "emails", function: "send welcome", args: ["b@example.com", { at: 1 }] });
    expect(failure.stack).not.toContain("src/testing/");
  });

  it("shows no more than ten of them", async () => {
    const { stage3, broker } = await openMail();
    for (let count = 0; count < 13; count++) await broker.enqueue("emails", "send goodbye", [String(count)]);
    const { message } = failureOf(() => stage3.expectEnqueued("emails", "send welcome"));
    expect(message.split("\n")).toHaveLength(2 + 10 + 1);
    expect(message).toMatch(/\n {2}and 3 more$/u);
  });
});

describe("expected arguments", () => {
  async function enqueued(...args: Parameters<(typeof tasks)["send welcome"]>) {
    const { stage3, broker } = await openMail();
    await broker.enqueue("emails", "send welcome", args);
    return stage3;
  }

  it("may be matchers of the test framework, whole or in part", async () => {
    const stage3 = await enqueued("a@example.com", { loud: true, at: 3 });
    stage3.expectEnqueued("emails", "send welcome", [expect.stringContaining("@example"), { loud: true, at: 3 }]);
    stage3.expectEnqueued("emails", "send welcome", [expect.any(String), expect.objectContaining({ at: 3 })]);
    stage3.expectEnqueued("emails", "send welcome", ["a@example.com", { loud: expect.any(Boolean), at: 3 }]);
    stage3.expectEnqueued("emails", "send welcome", expect.arrayContaining(["a@example.com"]) as AsymmetricMatcher);
    const failure = failureOf(() => stage3.expectEnqueued("emails", "send welcome", [expect.any(Number)]));
    expect(failure.message).toContain("with [ Any<Number> ] to be");
    const other = failureOf(() =>
      stage3.expectEnqueued("emails", "send welcome", [
        expect.stringContaining("b@"),
        expect.objectContaining({ at: 4 }),
      ]),
    );
    expect(other.message).toContain("with [ StringContaining('b@'), ObjectContaining({ at: 4 }) ] to be");
  });

  it("may be matchers of the kit's own", async () => {
    const stage3 = await enqueued("a@example.com", { at: 3 });
    const ends = matching((address: string) => address.endsWith("example.com"));
    stage3.expectEnqueued("emails", "send welcome", [ends, { at: matching((at: number) => at > 2) }]);
    const failure = failureOf(() =>
      stage3.expectEnqueued("emails", "send welcome", [ends, { at: matching(() => false) }]),
    );
    expect(failure.message).toMatch(
      /with \[ matching\(\(address\) => .+\), \{ at: matching\(\(\) => .+\) \} \] to be/u,
    );
    expect(inspect(failure.expected)).toContain("at: matching(() =>");
  });

  it.each<[string, unknown, boolean]>([
    ["the same", ["a", { loud: true, at: 0 }], true],
    ["an undefined property", ["a", { loud: true, at: 0, more: undefined }], true],
    ["-0", ["a", { loud: true, at: -0 }], true],
    ["no prototype", ["a", Object.assign(Object.create(null) as object, { loud: true, at: 0 })], true],
    ["a property too few", ["a", { loud: true }], false],
    ["a property too many", ["a", { loud: true, at: 0, more: 1 }], false],
    ["an argument too few", ["a"], false],
    ["an argument too many", ["a", { loud: true, at: 0 }, 1], false],
    ["another type", ["a", { loud: true, at: "0" }], false],
    ["an array for an object", ["a", [true, 0]], false],
    ["an object for an array", { 0: "a", 1: { loud: true, at: 0 } }, false],
    ["a date", ["a", new Date(0)], false],
    ["null", ["a", null], false],
    ["a name of Object's own", ["a", { loud: true, at: 0, toString: undefined }], true],
  ])("are compared as JSON: %s", async (_, args, same) => {
    const stage3 = await enqueued("a", { loud: true, at: 0 });
    const check = (): unknown => stage3.expectEnqueued("emails", "send welcome", args as never);
    if (same) check();
    else expect(check).toThrow(AssertionError);
  });
});

it("never takes an object for the array that it looks like", async () => {
  const stage3 = await openTest({ tasks: { take(_value: unknown) {} } });
  await stage3.broker.enqueue("default", "take", [{ length: 0 }]);
  stage3.expectNotEnqueued("default", "take", [[]]);
});

describe("expectNotEnqueued", () => {
  it("fails with those that were", async () => {
    const { stage3, broker } = await openMail();
    stage3.expectNotEnqueued();
    await broker.enqueue("emails", "send welcome", ["a@example.com"]);
    await broker.enqueue("emails", "send goodbye", ["a@example.com"]);
    stage3.expectNotEnqueued("other");
    stage3.expectNotEnqueued("emails", "urgent");
    stage3.expectNotEnqueued("emails", "send welcome", ["b@example.com"]);
    expect(failureOf(() => stage3.expectNotEnqueued("emails", "send welcome")).message).toBe(
      'Expected "send welcome" on "emails" not to be enqueued, but it was once.\nEnqueued, nearest first:\n' +
        `  "send welcome" on "emails" with [ 'a@example.com' ], priority 10`,
    );
    expect(failureOf(() => stage3.expectNotEnqueued()).message).toMatch(
      /^Expected a task not to be enqueued, but it was 2 times\./u,
    );
    expect(failureOf(() => stage3.expectNotEnqueued("emails")).message).toMatch(/^Expected a task on "emails" not/u);
  });
});

describe("enqueued", () => {
  it("lists in the order of the calls, of one topic or function where asked", async () => {
    const { stage3, broker } = await openMail();
    await broker.enqueue("emails", "send welcome", ["1"]);
    await broker.enqueue("other", "send welcome", ["2"], { priority: 1 });
    await broker.enqueue("emails", "send goodbye", ["3"]);
    const args = (filter?: { topic?: string; function?: string }): unknown =>
      stage3.enqueued(filter).flatMap((each) => each.args);
    expect(args()).toEqual(["1", "2", "3"]);
    expect(args({ topic: "emails" })).toEqual(["1", "3"]);
    expect(args({ function: "send welcome" })).toEqual(["1", "2"]);
    expect(args({ topic: "emails", function: "send welcome" })).toEqual(["1"]);
  });
});
