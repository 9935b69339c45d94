import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const node = join(root, "node_modules", "node", "bin", "node");

/** What each runnable file of the examples that the docs show prints, line by line. */
const programs = [
  { file: "readme/embed.ts", prints: ["finished"] },
  { file: "readme/abort.ts", prints: ["true", "false", "aborted"] },
  { file: "readme/functions.ts", prints: ["[ 'Ada' ]"] },
  {
    file: "readme/dead-letters.ts",
    prints: ["[", "  '1 TASK_FAILED the printer is on fire',", "  '2 TASK_FAILED the printer is on fire'", "]", "true"],
  },
  { file: "readme/errors.ts", prints: ["TOPIC_NOT_FOUND"] },
  { file: "readme/results.ts", prints: ["6765", "RESULT_TIMEOUT running", "finished 1 1 undefined"] },
  { file: "readme/many.ts", prints: ["6765", "INVALID_PRIORITY tasks[1]"] },
  { file: "readme/in-memory.ts", prints: ["1 since 1970-01-01T00:00:00.000Z"] },
  { file: "readme/rejections.ts", prints: ["the disk is full"] },
  { file: "commonjs/app.cjs", prints: ["Hello, Ada!"] },
];

test.each(programs)("examples/$file runs to its end and prints what its comments say", async (program) => {
  const script = join(root, "examples", program.file);
  const { stdout, stderr } = await run(node, [script], { cwd: temporaryFolder(), timeout: 15_000 });
  expect(stdout.trimEnd().split("\n")).toEqual(program.prints);
  expect(stderr).toBe("");
});

test("examples/readme/events.ts writes what failed", async () => {
  const script = join(root, "examples", "readme", "events.ts");
  const { stdout, stderr } = await run(node, [script], { cwd: temporaryFolder(), timeout: 15_000 });
  expect(stderr).toMatch(/^[\da-f-]{36}, attempt 1: TASK_FAILED\n$/u);
  expect(stdout).toBe("");
});

test("the command runs on the configuration of the docs", async () => {
  const folder = temporaryFolder();
  const command = join(root, "bin", "stage3queue.js");
  const config = ["--config", join(root, "examples", "readme", "stage3queue.config.ts")];
  const database = ["--database", `sqlite:${join(folder, "stage3.db")}`];
  const enqueue = ["enqueue", "emails", "send emails", '["admin@example.com", ["a@example.com"]]'];
  const { stdout: id } = await run(node, [command, ...enqueue, ...config, ...database], { cwd: folder });
  const { stdout: status } = await run(node, [command, "status", id.trim(), ...config, ...database], { cwd: folder });
  expect(status).toBe("queued\n");
});
