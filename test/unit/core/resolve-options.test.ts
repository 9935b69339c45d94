import { describe, expect, test } from "vitest";
import { resolveOptions } from "../../../src/core/options/resolve-options.ts";
import { invalidOption } from "./invalid.ts";

const MODULE = new URL("file:///srv/app/tasks.ts");
const OTHER_MODULE = new URL("file:///srv/app/other.ts");

/** The settings of a queue, the only one. */
function queueOf(options: object, topLevel: object = {}): unknown {
  return resolveOptions({ ...topLevel, queues: { emails: options } }).queues.get("emails");
}

describe("the defaults", () => {
  test.each([[undefined], [{}]])("of %j", (options) => {
    const { queues, functions, ...instance } = resolveOptions(options);
    expect(instance).toEqual({
      database: "sqlite:data/stage3.db",
      durability: "power-loss",
      leaseMs: 30_000,
      retention: { finishedMs: 604_800_000, abortedMs: 604_800_000, dlqMs: Number.POSITIVE_INFINITY },
      retentionInMemory: { finishedMs: 3_600_000, abortedMs: 3_600_000, dlqMs: 3_600_000 },
      maxPayloadBytes: 1_048_576,
      tasks: undefined,
    });
    expect([...queues.keys()]).toEqual(["default"]);
    expect(functions.size).toBe(0);
  });

  test("of a database in memory", () => {
    const hours = { finishedMs: 3_600_000, abortedMs: 3_600_000, dlqMs: 3_600_000 };
    expect(resolveOptions({ database: "memory:" })).toMatchObject({ retention: hours, retentionInMemory: hours });
    const given = { ...hours, finishedMs: 5, dlqMs: Infinity };
    const retention = { finished: 5, dlq: "forever" };
    expect(resolveOptions({ database: "memory:", retention })).toMatchObject({ retention: given });
    expect(resolveOptions({ retention })).toMatchObject({
      retention: { ...given, abortedMs: 604_800_000 },
      retentionInMemory: given,
    });
  });

  test("of a queue", () => {
    expect(resolveOptions({ tasks: MODULE }).queues.get("default")).toEqual({
      topic: "default",
      priority: 10,
      maxConcurrency: 10,
      maxQueueLen: 200,
      maxRestarts: 5,
      maxBackoffMs: 10_000,
      isolation: "process",
      timeoutMs: undefined,
      abortGraceMs: 1_000,
      shutdownGraceMs: 1_000,
      maxMemoryBytes: undefined,
      persistent: true,
      tasks: { kind: "module", url: "file:///srv/app/tasks.ts" },
    });
  });

  test("stand in for what is undefined", () => {
    expect(resolveOptions({ lease: undefined, queues: undefined, retention: { dlq: undefined } })).toEqual(
      resolveOptions({}),
    );
    expect(queueOf({ priority: undefined, timeout: undefined })).toEqual(queueOf({}));
  });
});

test("what is given is kept, in milliseconds and bytes", () => {
  const options = {
    database: "memory:",
    durability: "process-crash",
    lease: "5s",
    retention: { finished: "1h", aborted: 0, dlq: "30d" },
    maxPayload: "64kb",
  };
  expect(resolveOptions(options)).toMatchObject({
    database: "memory:",
    durability: "process-crash",
    leaseMs: 5_000,
    retention: { finishedMs: 3_600_000, abortedMs: 0, dlqMs: 2_592_000_000 },
    maxPayloadBytes: 65_536,
  });
});

test("a queue's settings are kept, in milliseconds and bytes", () => {
  const options = {
    priority: 1,
    maxConcurrency: 100,
    maxQueueLen: Number.POSITIVE_INFINITY,
    maxRestarts: 0,
    maxBackoff: 0,
    persistent: false,
    isolation: "thread",
    timeout: "30s",
    abortGrace: 0,
    shutdownGrace: "1m",
    maxMemory: "512mb",
  };
  expect(queueOf(options)).toEqual({
    topic: "emails",
    priority: 1,
    maxConcurrency: 100,
    maxQueueLen: Number.POSITIVE_INFINITY,
    maxRestarts: 0,
    maxBackoffMs: 0,
    isolation: "thread",
    timeoutMs: 30_000,
    abortGraceMs: 0,
    shutdownGraceMs: 60_000,
    maxMemoryBytes: 536_870_912,
    persistent: false,
    tasks: undefined,
  });
});

describe("tasks", () => {
  const functions = { hello: (): void => {} };

  test("of a module run in a process, functions inline", () => {
    expect(queueOf({}, { tasks: MODULE })).toMatchObject({ isolation: "process" });
    expect(queueOf({}, { tasks: functions })).toMatchObject({ isolation: "inline", tasks: { kind: "functions" } });
    expect(queueOf({ isolation: "inline" }, { tasks: MODULE })).toMatchObject({ isolation: "inline" });
  });

  test("of a queue win over the instance's", () => {
    const {
      queues,
      functions: byTopic,
      tasks,
    } = resolveOptions({
      tasks: MODULE,
      queues: { a: {}, b: { tasks: functions }, c: { tasks: OTHER_MODULE } },
    });
    expect(tasks).toEqual({ kind: "module", url: MODULE.href });
    expect([...queues.values()].map((queue) => queue.tasks)).toEqual([
      { kind: "module", url: MODULE.href },
      { kind: "functions" },
      { kind: "module", url: OTHER_MODULE.href },
    ]);
    expect([...byTopic]).toEqual([["b", functions]]);
  });

  test("that are functions belong to every queue without its own", () => {
    const { functions: byTopic } = resolveOptions({ tasks: functions, queues: { a: {}, b: { tasks: MODULE } } });
    expect([...byTopic]).toEqual([["a", functions]]);
  });

  test.each(["process", "thread"])("that are functions cannot run in a %s, wherever they are given", (isolation) => {
    const message = `queues.emails.isolation cannot be "${isolation}"`;
    expect(() => queueOf({ isolation, tasks: functions })).toThrow(invalidOption(message));
    expect(() => queueOf({ isolation }, { tasks: functions })).toThrow(invalidOption(message));
  });

  test("are a URL, not a string", () => {
    const message = "tasks must be the URL of a module, or an object of functions";
    for (const tasks of ["./tasks.ts", null, 5, [MODULE], functions.hello]) {
      expect(() => resolveOptions({ tasks })).toThrow(invalidOption(message));
    }
    expect(() => resolveOptions({ tasks: "./tasks.ts" })).toThrow(invalidOption("new URL(…, import.meta.url)"));
    expect(() => resolveOptions({ tasks: new URL("https://example.com/tasks.js") })).toThrow(invalidOption("https:"));
  });
});

describe("unknown options", () => {
  test.each([
    [{ databse: "memory:" }, "databse is an unknown option of an instance; did you mean database?"],
    [{ colour: 1 }, "colour is an unknown option of an instance; the options are database, tasks,"],
    [
      { queues: { emails: { maxConcurency: 5 } } },
      "queues.emails.maxConcurency is an unknown option of a queue; did you mean maxConcurrency?",
    ],
    [{ queues: { emails: { maxconcurrency: 5 } } }, "did you mean maxConcurrency?"],
    [{ queues: { "a b": { x: 1 } } }, 'queues["a b"].x is an unknown option of a queue'],
    [{ retention: { finish: "1d" } }, "retention.finish is an unknown option of retention; did you mean finished?"],
    [JSON.parse('{"__proto__": {}}'), "__proto__ is an unknown option of an instance"],
    [{ constructor: 1 }, "constructor is an unknown option of an instance"],
    [{ toString: 1 }, "toString is an unknown option of an instance"],
    [{ queues: { emails: { hasOwnProperty: 1 } } }, "queues.emails.hasOwnProperty is an unknown option of a queue"],
  ])("%j", (options, message) => {
    expect(() => resolveOptions(options)).toThrow(invalidOption(message));
  });

  test("are refused also when they are undefined", () => {
    expect(() => resolveOptions({ databse: undefined })).toThrow(invalidOption("databse"));
  });

  test("are shown only in part when they are long", () => {
    const message = expect.stringMatching(/^x{60}… is an unknown option of an instance.{1,200}$/u) as string;
    expect(() => resolveOptions({ ["x".repeat(1_000_000)]: 1 })).toThrow(expect.objectContaining({ message }));
  });
});

describe("options at a wrong level say where they belong", () => {
  test.each([
    [{ maxConcurrency: 5 }, "maxConcurrency is not an option of an instance; it is an option of a queue."],
    [{ finished: "1d" }, "finished is not an option of an instance; it is an option of retention."],
    [{ http: { port: 80 } }, "http is not an option of an instance; it is an option of a configuration file."],
    [
      { queues: { emails: { lease: "1s" } } },
      "queues.emails.lease is not an option of a queue; it is an option of an instance",
    ],
    [{ retention: { timeout: 1 } }, "retention.timeout is not an option of retention; it is an option of a queue"],
  ])("%j", (options, message) => {
    expect(() => resolveOptions(options)).toThrow(invalidOption(message));
  });
});

describe("values that are not allowed", () => {
  test.each([
    [{ database: 5 }, "database must be"],
    [{ database: "" }, "database must be"],
    [{ database: "postgres://localhost" }, "PostgreSQL is not offered by this version"],
    [{ durability: "none" }, 'durability must be "power-loss" or "process-crash", not "none"'],
    [{ lease: "soon" }, "lease must be a duration"],
    [{ lease: 0 }, "lease must be at least 100 ms"],
    [{ retention: "7d" }, "retention must be an object"],
    [{ retention: { dlq: -1 } }, 'retention.dlq must be "forever"'],
    [{ maxPayload: 0 }, "maxPayload must be a size"],
    [{ queues: [] }, "queues must be an object"],
    [{ queues: "default" }, "queues must be an object"],
    [{ queues: null }, "queues must be an object"],
    [{ queues: { emails: true } }, "queues.emails must be an object"],
    [{ queues: { emails: [] } }, "queues.emails must be an object"],
    [{ queues: { emails: undefined } }, "queues.emails must be an object"],
  ])("%j", (options, message) => {
    expect(() => resolveOptions(options)).toThrow(invalidOption(message));
  });

  test.each([[5], ["memory:"], [[]], [true], [null]])("%j instead of options", (options) => {
    expect(() => resolveOptions(options)).toThrow(invalidOption("The options must be an object"));
  });

  test.each([
    ["priority", [0, 11, 1.5, "1", Number.NaN, true, null, [5]], "a whole number from 1 (the most urgent) to 10"],
    ["maxConcurrency", [0, -1, 1.5, "5", Number.NaN, Number.POSITIVE_INFINITY, null], "a whole number from 1"],
    ["maxQueueLen", [-1, 0.5, "5", Number.NaN, Number.NEGATIVE_INFINITY, null], "a whole number from 0, or Infinity"],
    ["maxRestarts", [-1, 0.5, "5", 1_000_001, Number.POSITIVE_INFINITY, null], "a whole number from 0 to 1,000,000"],
    ["maxBackoff", [-1, "5", Number.POSITIVE_INFINITY, null], "a duration"],
    ["abortGrace", [-1, "x", null], "a duration"],
    ["shutdownGrace", [-1, "x", null], "a duration"],
    ["timeout", [-1, "x", null], "a duration"],
    ["timeout", [0, "0s"], "more than 0"],
    ["maxMemory", [0, -1, 1.5, "x", "512", null, Number.POSITIVE_INFINITY], "a size"],
    ["maxMemory", [1, "95mb", 96 * 1024 ** 2 - 1], "at least 96 MB"],
    ["isolation", ["fork", null, 1], '"inline" or "thread" or "process"'],
  ])("of a queue: %s", (option, values, allowed) => {
    for (const value of values) {
      const message = `queues.emails.${option} must be ${allowed}`;
      expect(() => queueOf({ [option]: value })).toThrow(invalidOption(message));
    }
  });
});

test("a limit of memory is not for what runs inline", () => {
  const message = "queues.emails.maxMemory cannot hold for what runs inline";
  const functions = { hello: (): void => {} };
  expect(() => queueOf({ isolation: "inline", maxMemory: "1gb" })).toThrow(invalidOption(message));
  expect(() => queueOf({ maxMemory: "1gb" }, { tasks: functions })).toThrow(invalidOption(message));
  expect(queueOf({ maxMemory: "96mb" })).toMatchObject({ maxMemoryBytes: 100_663_296 });
});

describe("topics", () => {
  test("may be names of Object.prototype", () => {
    const queues = JSON.parse('{"__proto__":{"maxRestarts":1},"constructor":{},"toString":{}}') as object;
    const resolved = resolveOptions({ queues });
    expect([...resolved.queues.keys()]).toEqual(["__proto__", "constructor", "toString"]);
    expect(resolved.queues.get("__proto__")).toMatchObject({ topic: "__proto__", maxRestarts: 1 });
  });

  test("may be any text of up to 200 characters", () => {
    for (const topic of ["1", " ", "ä/b:c", "😀".repeat(100)]) {
      expect(resolveOptions({ queues: { [topic]: {} } }).queues.get(topic)).toMatchObject({ topic });
    }
  });

  test.each([[""], ["x".repeat(201)], ["a\0b"], ["\uD800"]])("may not be %j", (topic) => {
    expect(() => resolveOptions({ queues: { [topic]: {} } })).toThrow(invalidOption("A topic in queues must be"));
  });

  test("may be none: then only what workers elsewhere registered is known", () => {
    expect(resolveOptions({ queues: {} }).queues.size).toBe(0);
  });
});
