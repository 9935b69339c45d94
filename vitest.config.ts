import { defineConfig } from "vitest/config";

const report = process.env["STAGE3_REPORT"];

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
        // They start processes and measure times: one file after another, and only when the others are done.
        extends: true,
        test: {
          name: "system",
          include: ["test/{integration,crash,simulation,examples}/**/*.test.ts"],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
