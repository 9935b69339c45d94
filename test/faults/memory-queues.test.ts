import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/small-heap-process.ts", import.meta.url));

/** What the program tells, run with a heap of 64 MB; rejects where it dies. */
async function runWithSmallHeap(scenario: "waiting" | "ended", database: string): Promise<unknown> {
  const args = ["--max-old-space-size=64", PROGRAM, scenario, database];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

for (const { where, database } of [
  { where: "a database in memory", database: () => "memory:" },
  { where: "a queue in memory beside a file", database: () => `sqlite:${join(temporaryFolder(), "queue.db")}` },
]) {
  testFault(
    {
      area: "memory",
      fault: `more waits than memory holds: ${where}`,
      injected: "tasks of 20 kB without end, in a process with a heap of 64 MB",
      holds: "QUEUE_FULL in time, which says that memory is the limit; all that were taken are run",
    },
    async () => {
      const report = await runWithSmallHeap("waiting", database());
      expect(report).toMatchObject({ code: "QUEUE_FULL", isRun: true, again: 3 });
      expect(report).toMatchObject({
        message: expect.stringContaining("Memory is the limit here, not the queue's length") as string,
        many: expect.stringMatching(/tasks\[1\]: Memory is the limit/u) as string,
      });
      expect((report as { taken: number }).taken).toBeGreaterThan(300);
    },
    60_000,
  );

  testFault(
    {
      area: "memory",
      fault: `more results than memory holds: ${where}`,
      injected: "6,000 results of 40 kB in a process with a heap of 64 MB, while a task waits",
      holds: "each result reaches its caller, the earliest are no longer kept, and the waiting task is run",
    },
    async () => {
      const report = await runWithSmallHeap("ended", database());
      expect(report).toMatchObject({ before: "queued", result: 7, finished: 6_002 });
      const { kept } = report as { kept: number };
      expect(kept).toBeGreaterThan(100);
      expect(kept).toBeLessThan(10_000);
    },
    60_000,
  );
}
