import { expect, onTestFinished } from "vitest";
import { expectFailed, openMisbehaving } from "../fixtures/misbehaving.ts";
import { testFault } from "../support/fault.ts";

const UNDISTURBED = "a task beside it and the next one run as ever";

/** Children that are started from now on have a heap that is soon full. */
function smallHeap(): void {
  const before = process.env["NODE_OPTIONS"];
  process.env["NODE_OPTIONS"] = "--max-old-space-size=60";
  onTestFinished(() => {
    if (before === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = before;
  });
}

for (const { what, name } of [
  { what: "many objects", name: "manyObjects" },
  { what: "one array", name: "oneArray" },
]) {
  testFault(
    {
      area: "tasks",
      fault: `heap full of ${what}`,
      injected: "taken without end in a handler, with a heap of 60 MB",
      holds: `TASK_OUT_OF_MEMORY; ${UNDISTURBED}`,
    },
    async () => {
      smallHeap();
      const { run } = await openMisbehaving();
      expectFailed(await run(name), "TASK_OUT_OF_MEMORY");
    },
  );
}

testFault(
  {
    area: "tasks",
    fault: "600 MB of Buffers",
    injected: "taken at once in a handler, without maxMemory and with one of 250 MB",
    holds: `without it the task finishes, with it TASK_OUT_OF_MEMORY; ${UNDISTURBED}`,
  },
  async () => {
    const { run } = await openMisbehaving();
    expect(await run("takeBuffers", [600])).toMatchObject({ status: "finished" });
    expectFailed(await run("takeBuffers", [600], { topic: "limited" }), "TASK_OUT_OF_MEMORY");
  },
);
