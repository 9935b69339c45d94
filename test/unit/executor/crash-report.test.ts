import { mkdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { CrashReport, reportOverLimit } from "../../../src/executor/crash-report.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("its file never has a name, so that whoever is killed while it is made leaves nothing", async ({ skip }) => {
  skip(process.platform !== "linux", "only Linux can open a file without a name");
  const folder = join(temporaryFolder(), "tmp");
  mkdirSync(folder);
  const seen: (string | null)[] = [];
  const watcher = watch(folder, (_, name) => seen.push(name));
  vi.stubEnv("TMPDIR", folder);
  try {
    const report = new CrashReport();
    expect(report.fd).toBeDefined();
    report.close();
    // What is told of comes in order: once this one is, nothing before it is missing.
    writeFileSync(join(folder, "last"), "");
    while (!seen.includes("last")) await wait(5);
    expect(seen.filter((name) => name !== "last")).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    watcher.close();
  }
});

test("it tells what a watchdog has written into it", () => {
  const report = new CrashReport();
  reportOverLimit(report.fd ?? -1, { usedBytes: 300, limitBytes: 200 });
  expect(report.close()).toEqual({ kind: "limit", usedBytes: 300, limitBytes: 200 });
});
