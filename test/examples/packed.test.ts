import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NODE = process.execPath;

const TASKS = `
import { currentTask, defineTasks, task } from "stage3queue/tasks";
export default defineTasks({
  add: (a: number, b: number) => a + b,
  name: task({ maxRestarts: 0 }, () => currentTask().function),
});
`;

const CONFIG = `
import { defineConfig } from "stage3queue";
export default defineConfig({
  database: "sqlite:queue.db",
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: { default: {}, quick: { isolation: "inline" } },
});
`;

const APPLICATION = `
import { Stage3Queue } from "stage3queue";
import config from "./stage3queue.config.ts";
await using stage3 = await Stage3Queue.open(config);
await stage3.start();
const { broker } = stage3;
const ids = [
  await broker.enqueue("default", "add", [1, 2]),
  await broker.enqueue("quick", "name", []),
  process.argv[2],
];
for (const id of ids) {
  while (!(await broker.get(id)).endedAt) await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(JSON.stringify(await Promise.all(ids.map(async (id) => (await broker.get(id)).result))));
`;

/** Without what npm tells the scripts it runs, so that a nested npm works as if called by hand; it caches in `folder`. */
function environment(folder: string): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return { ...Object.fromEntries(outer), TMPDIR: folder };
}

it("installs from its tarball into another project, whose tasks, config and application then work", async () => {
  const folder = temporaryFolder();
  const env = environment(folder);
  const { stdout: packed } = await run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, "--cache", join(folder, "cache")],
    { cwd: ROOT, env },
  );
  const [, name = ""] = /"filename":\s*"([^"]+)"/u.exec(packed) ?? [];
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  writeFileSync(join(project, "tasks.ts"), TASKS);
  writeFileSync(join(project, "stage3queue.config.ts"), CONFIG);
  writeFileSync(join(project, "application.mjs"), APPLICATION);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, name)], {
    cwd: project,
    env,
  });

  const command = join(project, "node_modules", "stage3queue", "bin", "stage3queue.js");
  const enqueued = await run(NODE, [command, "enqueue", "default", "add", "[20,22]"], { cwd: project, env });
  const { stdout } = await run(NODE, ["application.mjs", enqueued.stdout.trim()], { cwd: project, env });
  expect(JSON.parse(stdout)).toEqual([3, "name", 42]);
  const status = await run(NODE, [command, "status", enqueued.stdout.trim()], { cwd: project, env });
  expect(status.stdout.trim()).toBe("finished");
}, 60_000);
