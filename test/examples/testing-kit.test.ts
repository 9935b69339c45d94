import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

// The one for Vitest is run along with our own tests, by vitest.config.ts.
test("the example of tests with node:test passes, on the built package", async () => {
  const file = "examples/testing/with-node-test.ts";
  const { stdout, stderr } = await run(process.execPath, ["--test", "--test-reporter", "tap", file], { cwd: root });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^# pass 6$/mu);
  expect(stdout).toMatch(/^# fail 0$/mu);
});
