import { expect } from "vitest";
import { expectFailed, openMisbehaving } from "../fixtures/misbehaving.ts";
import { testFault } from "../support/fault.ts";

const UNDISTURBED = "a task beside it and the next one run as ever";

testFault(
  {
    area: "tasks",
    fault: "throw of null, of a cycle, of something frozen, of what throws when read, of 10 MB",
    injected: "each thrown by a handler",
    holds: `TASK_FAILED with a message of at most 8 KiB; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    for (const kind of ["null", "cycle", "frozen", "getter", "proxy", "huge"]) {
      const task = await run("throwThing", [kind]);
      expectFailed(task, "TASK_FAILED");
      expect(Buffer.byteLength(task.failures[0]?.message ?? "")).toBeLessThanOrEqual(8_192);
    }
  },
);

testFault(
  {
    area: "tasks",
    fault: "a task that fails again and again without a wait",
    injected: "maxBackoff 0 and 500 restarts",
    holds: "its first 10 and last 90 failures are kept, and how many there were",
  },
  async () => {
    const { broker } = (await openMisbehaving()).stage3;
    const options = { maxRestarts: 500, maxBackoff: 0 };
    const id = await broker.enqueue("default", "throwThing", ["null"], options);
    await expect(broker.result(id)).rejects.toMatchObject({ code: "TASK_FAILED" });
    const task = await broker.get(id);
    expect(task).toMatchObject({ attempt: 501, failureCount: 501 });
    const attempts = task?.failures.map(({ attempt }) => attempt);
    expect(attempts).toEqual([
      ...Array.from({ length: 10 }, (_, at) => at + 1),
      ...Array.from({ length: 90 }, (_, at) => at + 412),
    ]);
    const limit = { maxRestarts: 1_000_001 };
    await expect(broker.enqueue("default", "throwThing", ["null"], limit)).rejects.toThrow("from 0 to 1,000,000");
  },
);

testFault(
  {
    area: "tasks",
    fault: "unhandled rejection",
    injected: "a promise that rejects and is left alone",
    holds: `TASK_FAILED; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    expectFailed(await run("floating"), "TASK_FAILED");
  },
);
