import { defineConfig } from "vitest/config";
import budgets from "./scripts/budgets.json" with { type: "json" };

const report = process.env["STAGE3_REPORT"];

/** What a whole run in the short form leaves to the long forms. */
const LEFT_OUT = process.env["STAGE3_SHORT"] === "1" ? budgets.onlyInLongForms : [];

/** They bound times of the wall clock, and would measure what runs beside them. */
const TIMED = [
  "test/examples/responsiveness.test.ts",
  "test/faults/{floods,http-connections,sqlite-files,sqlite-sync,tasks-endings}.test.ts",
  "test/integration/{busy-handlers,delays,engine-restart,kill-reaps,lifecycle,max-memory,pool-crash,pool-kill}.test.ts",
  "test/integration/{process-pool,process-pool-parent,sqlite-claim-cost,sqlite-locking,thread-pool}.test.ts",
  "test/integration/two-processes.test.ts",
];

export default defineConfig({
  resolve: {
    // Tests write the package's own name, as a user does, and get the sources.
    alias: [
      { find: /^stage3queue$/u, replacement: new URL("src/index.ts", import.meta.url).pathname },
      { find: /^stage3queue\/http$/u, replacement: new URL("src/http.ts", import.meta.url).pathname },
      { find: /^stage3queue\/tasks$/u, replacement: new URL("src/tasks.ts", import.meta.url).pathname },
      { find: /^stage3queue\/testing$/u, replacement: new URL("src/testing.ts", import.meta.url).pathname },
    ],
  },
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    setupFiles: ["test/support/leaks.ts"],
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/{unit,conformance,types}/**/*.test.ts", "examples/testing/**/*.test.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They start programs, or simulate, and wait for what comes of it, however long it takes.
        extends: true,
        test: {
          name: "programs",
          include: ["test/{examples,simulation,crash,integration,faults}/**/*.test.ts"],
          exclude: [...TIMED, ...LEFT_OUT],
          // They wait more than they work.
          maxWorkers: 3,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // They measure times: one file after another, and only when the others are done.
        extends: true,
        test: {
          name: "system",
          include: TIMED,
          exclude: LEFT_OUT,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
