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
    fault: "unhandled rejection",
    injected: "a promise that rejects and is left alone",
    holds: `TASK_FAILED; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    expectFailed(await run("floating"), "TASK_FAILED");
  },
);
