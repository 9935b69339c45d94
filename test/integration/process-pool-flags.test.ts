import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { AttemptOutcome } from "../../src/executor/port.ts";
import { POOL_TASKS } from "../fixtures/pools.ts";
import { startParent, type StartedParent } from "../fixtures/start-parent.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SETUP = new URL("../fixtures/counting-setup.ts", import.meta.url).href;

test("a child gets the flags that load modules and limit memory, and finds nothing of ours", async () => {
  const flags = [
    "--import",
    SETUP,
    "-C",
    "development",
    "--max-old-space-size=200",
    "--inspect-port=0",
    "--title=parent",
  ];
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: false, function: "environment" }, flags, {
    NODE_OPTIONS: "--max-semi-space-size=8 --trace-warnings",
  });
  expect(await resultOf(parent)).toEqual({
    send: "undefined",
    disconnect: "undefined",
    connected: null,
    arguments: 2,
    execArgv: ["--import", SETUP, "-C", "development", "--max-old-space-size=200"],
    nodeOptions: "--max-semi-space-size=8 --trace-warnings",
    channelFd: null,
    imported: 1,
    stdin: null,
  });
  // Once in the parent, once in the child, and not in the thread that watches over it.
  await once(parent.process, "exit");
  expect(parent.output.stderr.match(/setup/g)).toHaveLength(2);
});

test("a child of a parent that was started with code, tests or a debugger runs the tasks", async () => {
  const flags = ["--inspect=127.0.0.1:0", "--test-concurrency=1", "--watch-preserve-output"];
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: true, function: "add", args: [1, 2] }, flags);
  expect(await resultOf(parent)).toBe(3);
  parent.process.stdin?.end();
  await once(parent.process, "exit");
  expect(parent.output.stderr.match(/Debugger listening/g)).toHaveLength(1);
});

test("a child finds what --conditions and --env-file say", async () => {
  const folder = temporaryFolder();
  const tasks = join(folder, "tasks.mjs");
  writeFileSync(join(folder, ".env"), "FROM_FILE=yes\n");
  writeFileSync(
    join(folder, "package.json"),
    '{"type":"module","imports":{"#which":{"blue":"./blue.mjs","default":"./grey.mjs"}}}',
  );
  writeFileSync(join(folder, "blue.mjs"), 'export default "blue";');
  writeFileSync(join(folder, "grey.mjs"), 'export default "grey";');
  writeFileSync(tasks, 'import which from "#which"; export default { both: () => [which, process.env.FROM_FILE] };');
  const execArgv = ["--conditions=blue", `--env-file=${join(folder, ".env")}`];
  const parent = startParent({ tasksUrl: pathToFileURL(tasks).href, inThread: false, function: "both", execArgv });
  expect(await resultOf(parent)).toEqual(["blue", "yes"]);
});

test("what a child writes goes where its parent's output goes", async () => {
  const parent = startParent({ tasksUrl: POOL_TASKS, inThread: true, function: "print", args: ["words"] });
  await resultOf(parent);
  parent.process.stdin?.end();
  await once(parent.process, "exit");
  expect(parent.output.stdout).toEqual(["out words"]);
  expect(parent.output.stderr).toBe("err words\n");
});

async function resultOf(parent: StartedParent): Promise<unknown> {
  const outcome = (await parent.next()) as AttemptOutcome;
  if (outcome.kind !== "finished") throw new Error(`It has not finished: ${JSON.stringify(outcome)}`);
  return JSON.parse(outcome.result ?? "null") as unknown;
}
