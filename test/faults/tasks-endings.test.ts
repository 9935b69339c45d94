import { expect } from "vitest";
import { goneAfterMs } from "../fixtures/liveness.ts";
import { expectFailed, expectGone, openMisbehaving } from "../fixtures/misbehaving.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";

const UNDISTURBED = "a task beside it and the next one run as ever";

testFault(
  {
    area: "tasks",
    fault: "exit",
    injected: "process.exit(0) in a handler",
    holds: `TASK_EXITED; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    expectFailed(await run("exit", [0]), "TASK_EXITED");
  },
);

testFault(
  {
    area: "tasks",
    fault: "segfault",
    injected: "SIGSEGV to a handler's own process",
    holds: `TASK_KILLED; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    expectFailed(await run("signal", ["SIGSEGV"]), "TASK_KILLED");
  },
);

for (const { fault, injected, name } of [
  { fault: "endless loop", injected: "for (;;); in a handler", name: "block" },
  { fault: "promise that never settles", injected: "await of a promise that nobody resolves", name: "ignore" },
]) {
  testFault(
    {
      area: "tasks",
      fault,
      injected: `${injected}, with a timeout of 300 ms`,
      holds: `TASK_TIMEOUT, its process is gone; ${UNDISTURBED}`,
    },
    async () => {
      const instance = await openMisbehaving();
      // Its process is there already, or the timeout might come before the handler has begun.
      await instance.run("id");
      const task = await instance.run(name, [], { timeout: 300 });
      expectFailed(task, "TASK_TIMEOUT");
      await expectGone(instance, task);
    },
  );
}

testFault(
  {
    area: "tasks",
    fault: "synchronous native call of 10 s",
    injected: "pbkdf2Sync of far longer than 10 s, aborted with a grace of 50 ms",
    holds: "aborted, its process gone within 100 ms of the grace; the next task runs",
  },
  async () => {
    const { stage3, logged } = await openMisbehaving();
    const { broker } = stage3;
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const id = await broker.enqueue("default", "nativeCall", []);
      const pid = (await until("its begin", () => logged.get(id))) as number;
      const since = performance.now();
      const aborted = broker.abort(id);
      await goneAfterMs([pid]);
      tookMs.push(performance.now() - since);
      expect(await aborted).toBe(true);
      expect(await broker.status(id)).toBe("aborted");
    }
    // The quickest: others may be a busy machine's.
    expect(Math.min(...tookMs)).toBeLessThan(50 + 100);
    expect(await broker.result(await broker.enqueue("default", "add", [1, 2]))).toBe(3);
  },
);

testFault(
  {
    area: "tasks",
    fault: "leaves grandchildren",
    injected:
      "a child of the handler's process and a child of that one, both spinning, when it exits and when it is aborted",
    holds: `TASK_EXITED or aborted, and the whole family is gone; ${UNDISTURBED}`,
  },
  async () => {
    const instance = await openMisbehaving();
    const { broker } = instance.stage3;
    const exited = await instance.run("exitWithFamily");
    expectFailed(exited, "TASK_EXITED");
    await expectGone(instance, exited);
    const id = await broker.enqueue("default", "family", [true]);
    await until("its begin", () => instance.logged.get(id));
    const beside = await broker.enqueue("default", "idAfter", [300]);
    await until("a task beside it", () => broker.isRunning(beside));
    expect(await broker.abort(id)).toBe(true);
    expect(await broker.status(beside)).toBe("running");
    await expectGone(instance, { id });
    await broker.result(beside);
    expect(await broker.get(beside)).toMatchObject({ status: "finished", attempt: 1, failures: [] });
    expect(await broker.result(await broker.enqueue("default", "add", [1, 2]))).toBe(3);
  },
);

testFault(
  {
    area: "tasks",
    fault: "exit of an earlier task in the process of another",
    injected: "process.exit(3) in a timer that a finished task has left, while the next one runs there",
    holds: "a warning STRAY_EXIT names the function; the other task finishes in its first attempt",
  },
  async () => {
    const { stage3 } = await openMisbehaving();
    const { broker } = stage3;
    const warnings: string[] = [];
    stage3.events.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
    await broker.result(await broker.enqueue("default", "leaveForNext", ["exit"]));
    const id = await broker.enqueue("default", "idAfterFailure", []);
    await broker.result(id);
    expect(await broker.get(id)).toMatchObject({ attempt: 1, failures: [] });
    expect(warnings).toEqual([expect.stringMatching(/^STRAY_EXIT .*"leaveForNext".*process\.exit\(3\)/u)]);
  },
);

testFault(
  {
    area: "tasks",
    fault: "abort of a loop that only asks throwIfAborted()",
    injected: "for (;;) throwIfAborted() in a process and in a thread, aborted with a grace of a minute",
    holds: "it ends by itself at once, its finally block runs, and the task is aborted",
  },
  async () => {
    for (const isolation of ["process", "thread"] as const) {
      const { stage3 } = await openMisbehaving(new URL("../fixtures/busy-tasks.ts", import.meta.url), isolation);
      const logs: string[] = [];
      stage3.events.on("log", ({ message }) => void logs.push(message));
      const id = await stage3.broker.enqueue("default", "throwing", [], { abortGrace: "1m" });
      await until("its begin", () => logs[0]);
      expect(await stage3.broker.abort(id)).toBe(true);
      expect(await stage3.broker.status(id)).toBe("aborted");
      expect(logs).toEqual(["begun", "tidied up"]);
    }
  },
);
