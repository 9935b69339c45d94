import { describe, expect, test } from "vitest";
import { optionFlags } from "../../../src/cli/option-flags.ts";
import { contentHashOf } from "../../../src/core/idempotency.ts";
import { ENQUEUE_OPTIONS, OPTIONS, optionsAt, type OptionName } from "../../../src/core/options/declarations.ts";
import type { KindValues } from "../../../src/core/options/kinds.ts";
import { settingsOfTask, settledAtEnqueue } from "../../../src/core/options/precedence.ts";
import { resolveOptions } from "../../../src/core/options/resolve-options.ts";
import {
  readStoredOptions,
  readStoredPolicy,
  writeStoredOptions,
  writeStoredPolicy,
} from "../../../src/core/options/stored.ts";
import { parseFunctionPolicy, parseTaskOptions, writeTaskOptions } from "../../../src/core/options/task-options.ts";
import type { QueueSettings } from "../../../src/core/options/settings.ts";
import { parseEnqueueCall } from "../../../src/http/request-schema.ts";
import { openTestQueue } from "../../../src/testing.ts";
import { createApi } from "../http/api.ts";

/** Values of each kind as users write them, three that differ; a kind that this lacks does not compile. */
const WRITTEN: Readonly<Record<keyof KindValues, readonly [unknown, unknown, unknown]>> = {
  priority: [1, 2, 3],
  count: [1, 2, 3],
  length: [1, 2, 3],
  restarts: [1, 2, 3],
  duration: ["5s", "6s", "7s"],
  timeout: ["5s", "6s", "7s"],
  time: ["2027-01-31T08:00:00Z", "2027-01-31T08:00:01Z", "2027-01-31T08:00:02Z"],
  lease: ["5s", "6s", "7s"],
  size: ["1mb", "2mb", "3mb"],
  memory: ["101mb", "102mb", "103mb"],
  boolean: [true, false, true],
  isolation: ["thread", "inline", "process"],
  durability: ["power-loss", "process-crash", "power-loss"],
  idempotencyKey: ["a", "b", "c"],
  database: ["memory:", "sqlite:a.db", "sqlite:b.db"],
  tasks: [{}, new URL("file:///a.ts"), new URL("file:///b.ts")],
  queues: [{ a: {} }, { b: {} }, { c: {} }],
  retention: [{ dlq: 1 }, { dlq: 2 }, { dlq: 3 }],
  http: [{ port: 1 }, { port: 2 }, { port: 3 }],
};

const CALL = { topic: "default", function: "run", args: [] };
const CONTENT = { ...CALL, args: "[]" };

function written(name: OptionName): readonly [unknown, unknown, unknown] {
  return WRITTEN[OPTIONS[name].kind];
}

function settingsOfQueue(options: object): QueueSettings {
  const settings = resolveOptions({ queues: { default: options } }).queues.get("default");
  if (settings === undefined) throw new Error("The queue is missing.");
  return settings;
}

test.each(Object.values(OPTIONS))("the declared name of $as tells its unit", ({ kind, as }) => {
  const units: Partial<Record<keyof KindValues, string>> = {
    duration: "Ms",
    timeout: "Ms",
    lease: "Ms",
    size: "Bytes",
    memory: "Bytes",
  };
  expect(as).toMatch(new RegExp(`${units[kind] ?? ""}$`));
});

describe.each(ENQUEUE_OPTIONS)("$name, which an enqueue may have,", ({ name, as, hashed, http, stored }) => {
  const [first, second] = written(name);
  const parsed = parseTaskOptions({ [name]: first });

  test("is read, and written again", () => {
    expect(parsed).toHaveProperty(stored === "apart" ? [as] : ["options", as]);
    expect(parseTaskOptions(writeTaskOptions(parsed))).toEqual(parsed);
  });

  test(`is ${hashed ? "" : "not "}part of what an idempotency key is compared by`, () => {
    const hashes = [{}, { [name]: first }, { [name]: second }].map((options) =>
      contentHashOf({ ...CONTENT, ...parseTaskOptions(options) }),
    );
    expect(new Set(hashes).size).toBe(hashed ? 3 : 1);
  });

  test("is stored with its task, apart from its options or among them", () => {
    const json = writeStoredOptions(parsed.options);
    expect(readStoredOptions(json)).toEqual(parsed.options);
    expect(json === undefined).toBe(stored === "apart");
  });

  test(`is ${http === "body" ? "a" : "no"} field of a request, and arrives at the Engine`, async () => {
    expect(parseEnqueueCall({ ...CALL, [name]: first }).kind).toBe(http === "body" ? "call" : "invalid");
    if (http === "header") return;
    const { post, engine } = createApi();
    await post({ ...CALL, function: "send emails", [name]: first });
    expect(engine.requests[0]).toMatchObject(parsed);
    expect(parseEnqueueCall({ ...CALL, [name]: {} })).toMatchObject({
      message: expect.stringContaining(`${name} must be`) as string,
    });
  });

  test("has a flag", () => {
    const flag = optionFlags().find((option) => option.attributeName() === name);
    expect(flag?.description).toBeTruthy();
  });

  test("arrives at the storage", async () => {
    await using queue = await openTestQueue({ tasks: { run: () => {} } });
    await queue.broker.enqueue("default", "run", [], { [name]: first });
    const [task] = queue.enqueued();
    const { priority, ...options } = writeTaskOptions(parsed);
    expect(task).toMatchObject({ options, ...(priority === undefined ? {} : { priority }) });
  });
});

test.each(ENQUEUE_OPTIONS.filter(({ levels }) => levels.includes("queue")))(
  "$name of an enqueue wins over the function's, and that over the queue's",
  ({ name, as, kind }) => {
    const [atEnqueue, byFunction, byQueue] = WRITTEN[kind].map((value) => ({ [name]: value }));
    const given = parseTaskOptions(atEnqueue);
    const policy = parseFunctionPolicy(byFunction, "run");
    const queue = settingsOfQueue(byQueue ?? {});
    const settle = (enqueue: typeof given, decided: typeof policy): object => ({
      ...settledAtEnqueue(enqueue, decided, queue),
      ...settingsOfTask(enqueue.options, decided, queue),
    });
    const none = parseTaskOptions({});
    const value = (of: object): unknown => new Map(Object.entries(of)).get(as);
    expect(value(settle(given, policy))).toBe(value({ ...given, ...given.options }));
    expect(value(settle(none, policy))).toBe(value(policy));
    expect(value(settle(none, {}))).toBe(value(queue));
  },
);

test.each(optionsAt("function"))("%s of a function is read, and kept with it in the registry", (name) => {
  const policy = parseFunctionPolicy({ [name]: written(name)[0] }, "run");
  expect(policy).toHaveProperty(OPTIONS[name].as);
  expect(readStoredPolicy(writeStoredPolicy(policy))).toEqual(policy);
});

test.each(optionsAt("queue"))("%s of a queue is read", (name) => {
  const [first, second] = written(name).map((value) => settingsOfQueue({ [name]: value }));
  expect(first).not.toEqual(second);
});

test.each(optionsAt("instance"))("%s of an instance is read", (name) => {
  const [first, second] = written(name).map((value) => resolveOptions({ [name]: value }));
  expect(first).not.toEqual(second);
});
