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
    const { stage3, run } = await openMisbehaving();
    expectFailed(await run("throwThing", ["null"]), "TASK_FAILED");
    for (const kind of ["cycle", "frozen", "getter", "proxy", "huge"]) {
      const id = await stage3.broker.enqueue("default", "throwThing", [kind]);
      await expect(stage3.broker.result(id)).rejects.toThrow();
      const task = await stage3.broker.get(id);
      expect(task).toMatchObject({ status: "in_dead_letter_queue", failures: [{ code: "TASK_FAILED" }] });
      expect(Buffer.byteLength(task?.failures[0]?.message ?? "")).toBeLessThanOrEqual(8_192);
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
