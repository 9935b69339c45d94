import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { reportFigures } from "../support/figures.ts";
import { newFile } from "../unit/storage/open-sqlite.ts";
import { measureSoak, type SoakRun } from "./support/soak-report.ts";
import { sizeOf } from "../support/forms.ts";

/** Hours: `STAGE3_SOAK_MINUTES=120 npm test -- test/faults/soak.test.ts`. */
const MINUTES = Number(process.env["STAGE3_SOAK_MINUTES"] ?? sizeOf("soak minutes"));
const MB = 1024 * 1024;

/** Threads and open files are counted in `/proc`, which only Linux has. */
const HAS_PROC = existsSync("/proc/self/task");

test.skipIf(!HAS_PROC)(
  "an instance under mixed load keeps its heap, threads, files and log as they are",
  async (context) => {
    const durationMs = MINUTES * 60_000;
    const child = fork(new URL("support/soak-process.ts", import.meta.url), [newFile(), String(durationMs)], {
      execArgv: ["--expose-gc"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exited = once(child, "exit");
    const [run] = (await Promise.race([once(child, "message"), exited])) as [SoakRun];
    expect(run).toHaveProperty("samples");
    expect(await exited).toEqual([0, null]);
    const measures = measureSoak(run);
    const { engineHeap } = run;
    const { heap, resident, threads, files, wal } = measures;
    const mb = ({ from, to }: { from: number; to: number }): string =>
      `${(from / MB).toFixed(1)} to ${(to / MB).toFixed(1)} MB`;
    reportFigures(context, {
      proof: "Soak",
      figures: {
        seconds: Math.round(durationMs / 1_000),
        calls: run.calls,
        heap: mb(heap),
        "heap of the Engine": mb(engineHeap),
        resident: mb(resident),
        threads: `${threads.from} to ${threads.to}`,
        files: `${files.from} to ${files.to}`,
        log: mb(wal),
      },
    });
    expect(run.calls).toBeGreaterThan(durationMs / 200);
    expect(heap.to).toBeLessThan(heap.from * 1.1 + 2 * MB);
    expect(engineHeap.to).toBeLessThan(engineHeap.from * 1.1 + 2 * MB);
    expect(threads.to).toBeLessThanOrEqual(threads.from);
    // What the system has given stays with an allocator for a while.
    expect(resident.to).toBeLessThan(resident.from * 1.25 + 16 * MB);
    // Three children more or less are alive at a moment, with four files each, and a connection.
    expect(files.to).toBeLessThanOrEqual(files.from + 13);
    expect(wal.to).toBeLessThan(Math.max(wal.from * 1.5, 16 * MB));
  },
  MINUTES * 60_000 + 60_000,
);
