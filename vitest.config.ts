import { defineConfig } from "vitest/config";

const report = process.env["STAGE3_REPORT"];

const PROGRAMS = [
  "test/examples/**/*.test.ts",
  "test/simulation/**/*.test.ts",
  "test/faults/{soak,races-abort,races-idempotency}.test.ts",
  "test/integration/{bench,ci,cli-commands,cli-start,cli-torture,cli-usage,in-memory-queues,isolation}.test.ts",
  "test/integration/torture-guard.test.ts",
  "test/crash/*.test.ts",
];
const TIMED = ["test/examples/responsiveness.test.ts"];

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
          include: PROGRAMS,
          exclude: TIMED,
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
          include: ["test/{integration,faults}/**/*.test.ts", ...TIMED],
          exclude: PROGRAMS.filter((files) => !files.startsWith("test/examples")),
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
