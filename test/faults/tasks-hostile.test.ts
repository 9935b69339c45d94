import { expect } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { expectFailed, type Misbehaving, openMisbehaving } from "../fixtures/misbehaving.ts";
import { testFault } from "../support/fault.ts";

const TASKS = new URL("../fixtures/hostile-tasks.ts", import.meta.url);
const UNDISTURBED = "a task beside it and the next one run as ever";
const LARGE = ["message", "300 MB", "deep", "chain", "cycle", "shared", "proxy", "getter", "function", "toString"];

interface Heard extends Misbehaving {
  readonly logs: { message: string; fields?: unknown }[];
  readonly warnings: { code: string; message: string }[];
}

async function openHostile(isolation?: "process" | "thread"): Promise<Heard> {
  const misbehaving = await openMisbehaving(TASKS, isolation);
  const { events } = misbehaving.stage3;
  const logs: Heard["logs"] = [];
  const warnings: Heard["warnings"] = [];
  events.on("log", ({ message, fields }) => void logs.push({ message, fields }));
  events.on("warning", ({ code, message }) => void warnings.push({ code, message }));
  return { ...misbehaving, logs, warnings };
}

for (const { fault, isolation } of [
  { fault: "log lines of 300 MB", isolation: "process" },
  { fault: "log lines of 300 MB, in a thread", isolation: "thread" },
] as const) {
  testFault(
    {
      area: "tasks",
      fault,
      injected: "10 MB of text, 300 MB of rows, 9,000 levels, cycles, what cannot be copied, read or shown",
      holds: `each line comes, cut to 64 KB where it is larger, with a warning; ${UNDISTURBED}`,
    },
    async () => {
      const { run, logs, warnings } = await openHostile(isolation);
      for (const kind of [...LARGE, "surrogate"]) {
        expect(await run("logLarge", [kind]), kind).toMatchObject({ status: "finished", result: "logged" });
      }
      expect(logs).toHaveLength(LARGE.length + 1);
      for (const { message, fields } of logs) {
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(64 * 1024);
        if (typeof fields === "string") expect(Buffer.byteLength(fields)).toBeLessThanOrEqual(64 * 1024);
      }
      const isCut = (part: unknown): boolean => typeof part === "string" && part.endsWith("… (cut)");
      expect(logs.filter(({ message }) => isCut(message))).toHaveLength(1);
      expect(logs.filter(({ fields }) => isCut(fields)).map(({ message }) => message)).toEqual(["rows"]);
      expect(warnings.map(({ code }) => code)).toEqual(["LOG_CUT", "LOG_CUT"]);
    },
    60_000,
  );
}

for (const { fault, isolation } of [
  { fault: "a flood of log lines", isolation: "process" },
  { fault: "a flood of log lines, in a thread", isolation: "thread" },
] as const) {
  testFault(
    {
      area: "tasks",
      fault,
      injected: "a loop of 300,000 lines with 1 KB of fields each, without an await",
      holds: `at most 8,192 lines a second are passed on, warnings count the others; ${UNDISTURBED}`,
    },
    async () => {
      const { run, logs, warnings } = await openHostile(isolation);
      const since = performance.now();
      expect(await run("flood", [300_000, 1_000])).toMatchObject({ status: "finished" });
      const seconds = (performance.now() - since) / 1_000;
      expect(logs.length).toBeGreaterThan(500);
      expect(logs.length).toBeLessThan(8_192 * (seconds + 1));
      expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(["LOG_DROPPED"]));
      expect(warnings.length).toBeLessThan(seconds + 3);
      const counted = warnings.map(({ message }) => Number(/happened (\d+) times/u.exec(message)?.[1] ?? 1));
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(300_000 - logs.length);
    },
    60_000,
  );
}

testFault(
  {
    area: "tasks",
    fault: "a flood of wrong progress values",
    injected: "500,000 times progress(50) in a loop, then progress(0.5)",
    holds: `one warning at once, then one a second with the count of the others; ${UNDISTURBED}`,
  },
  async () => {
    const { run, warnings } = await openHostile();
    expect(await run("wrongProgress", [500_000])).toMatchObject({ status: "finished", progress: 0.5 });
    expect(warnings.length).toBeGreaterThanOrEqual(2);
    expect(warnings.length).toBeLessThan(10);
    const counted = warnings.map(({ message }) => Number(/happened (\d+) times/u.exec(message)?.[1] ?? 1));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(500_000);
  },
);

for (const { fault, injected, name, args, how } of [
  {
    fault: "garbage on the channel of a child",
    injected: "text that is no message, written to descriptor 3",
    name: "writeToChannel",
    args: ["{nonsense\n", 1],
    how: "wrote to descriptor 3",
  },
  {
    fault: "a line without an end on the channel of a child",
    injected: "megabytes of text without a line break, written to descriptor 3",
    name: "writeToChannel",
    args: ["x".repeat(100_000), 10_000],
    how: "wrote to descriptor 3",
  },
  {
    fault: "a forged result on the channel of a child",
    injected: "a result that is no JSON, written to descriptor 3",
    name: "forge",
    args: [{ kind: "settled", run: 1, outcome: { kind: "finished", result: "{" } }],
    how: "wrote to descriptor 3",
  },
  {
    fault: "the channel of a child is closed",
    injected: "closeSync(3) in a handler",
    name: "closeChannel",
    args: [],
    how: "closed descriptor 3",
  },
]) {
  testFault(
    { area: "tasks", fault, injected, holds: `TASK_KILLED, which names the descriptor; ${UNDISTURBED}` },
    async () => {
      const { run, warnings } = await openHostile();
      const task = await run(name, args);
      expectFailed(task, "TASK_KILLED");
      expect(task.failures[0]?.message).toContain(how);
      expect(warnings).toEqual([]);
    },
  );
}

testFault(
  {
    area: "tasks",
    fault: "messages that a child was never to send",
    injected: "null, numbers, lists, unknown kinds, wrong fields, written to descriptor 3 as JSON",
    holds: `TASK_KILLED or the handler's own end; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openHostile();
    const run1 = { run: 1 };
    for (const message of [
      null,
      5,
      [],
      {},
      { kind: "none" },
      { kind: "settled", ...run1, outcome: null },
      { kind: "settled", ...run1, outcome: { kind: "failed", failure: { code: "NO_CODE", message: "m" } } },
      { kind: "progress", ...run1, progress: '"half"' },
      { kind: "warning", ...run1, code: "DATABASE_UNAVAILABLE", message: "m" },
      { kind: "log", ...run1, message: { toString: 1 } },
      { kind: "log", ...run1, message: "m", fields: 5 },
      { kind: "crashed", failure: "x" },
      { kind: "ready", functions: [null] },
    ]) {
      expectFailed(await run("forge", [message]), "TASK_KILLED");
    }
    // What can be read is the child's own word for what runs in it.
    const odd = { kind: "log", ...run1, message: "m", fields: "bm90IHY4" };
    expect(await run("forge", [odd])).toMatchObject({ status: "finished", result: "by itself" });
  },
  120_000,
);

testFault(
  {
    area: "tasks",
    fault: "a module that offers 100,000 functions, or one with an endless name",
    injected: "start() with such a module",
    holds: "start() rejects with INVALID_OPTION, which says how many there may be",
  },
  async () => {
    for (const [source, reason] of [
      ["Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`f${n}`, () => n]))", "at most 10000"],
      ['{ ["n".repeat(5_000_000)]() {} }', "The name of a function in the tasks must be"],
    ]) {
      const tasks = new URL(`data:text/javascript,export default ${encodeURIComponent(source ?? "")}`);
      await using stage3 = await Stage3Queue.open({ database: "memory:", tasks });
      await expect(stage3.start()).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining(reason ?? "") as string,
      });
    }
  },
  60_000,
);
