import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCli } from "./cli-process.ts";

describe("usage", () => {
  it.each([
    [["--help"], /^Usage: stage3queue/],
    [["help"], /^Usage: stage3queue/],
    [["enqueue", "--help"], /^Usage: stage3queue enqueue/],
    [["dlq", "list", "--help"], /^Usage: stage3queue dlq list/],
    [["--version"], /^\d+\.\d+\.\d+$/],
  ])("%j exits 0", async (args, stdout) => {
    const result = await runCli(args, { folder: temporaryFolder() });
    expect(result).toEqual({ code: 0, stdout: expect.stringMatching(stdout) as string, stderr: "" });
  });

  it.each([
    [[], /^Usage: stage3queue/],
    [["dlq"], /^Usage: stage3queue dlq/],
    [["unknown"], /unknown command 'unknown'/],
    [["queues", "--unknown"], /unknown option '--unknown'/],
    [["enqueue", "default"], /missing required argument 'function'/],
    [["enqueue", "default", "echo", "[1"], /argument 'args_json'.* It is not valid JSON\./],
    [["enqueue", "default", "echo", "{}"], /argument 'args_json'.* It must be a JSON array/],
    [["enqueue", "default", "echo", "[]", "more"], /too many arguments/],
    [["enqueue", "default", "echo", "--priority", "high"], /It must be a number/],
    [["status"], /missing required argument 'id'/],
    [["dlq", "list", "--limit", "many"], /It must be a whole number/],
    [["start", "--port", "65536"], /It must be a whole number from 0 to 65535/],
    [["start", "--no-http", "--no-work"], /nothing is left to do/],
  ])("%j exits 2", async (args, stderr) => {
    const result = await runCli(args, { folder: temporaryFolder() });
    expect(result).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(stderr) as string });
  });

  it.each([
    [["unknown"], "(stage3queue --help tells more)"],
    [["enqueue", "default"], "(stage3queue enqueue --help tells more)"],
    [["dlq", "list", "--unknown"], "(stage3queue dlq list --help tells more)"],
  ])("%j names the command whose help tells more", async (args, hint) => {
    const { stderr } = await runCli(args, { folder: temporaryFolder() });
    expect(stderr).toContain(hint);
  });
});

async function refused(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = temporaryFolder();
  const config = {
    "bad.mjs": "export default { colour: 1 };",
    "empty.mjs": "export const x = 1;",
    "idle.mjs": "export default {};",
  };
  const tasks = 'export default { tasks: new URL("tasks.mjs", import.meta.url) };';
  const files = {
    ...config,
    "tasks.config.mjs": tasks,
    "tasks.mjs": 'throw new Error("no tasks today");',
    "lib.mjs": "const a = 1;\nconst b = 2;\nconst c ==== 3;\n",
    "lib.ts": "\nexport const a: = 1;\n",
    "imports.mjs": 'import "./lib.mjs";\nexport default {};',
    "imports.config.mjs": 'export default { tasks: new URL("imports.mjs", import.meta.url) };',
    "typed.config.mjs": 'import "./lib.ts";\nexport default {};',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { code, stdout, stderr } = await runCli(["start", ...args], { folder, environment });
  expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({ code: 1, stdout: "", lines: 1 });
  return stderr;
}

describe("what start refuses, in one sentence and with exit code 1", () => {
  it("a configuration file that is missing", async () => {
    expect(await refused(["--config", "missing.ts"])).toMatch(/^There is no configuration file .*missing\.ts\.$/);
  });

  it("a configuration file without a default export", async () => {
    expect(await refused(["--config", "empty.mjs"])).toMatch(/has no default export/);
  });

  it("an option that is unknown", async () => {
    expect(await refused(["--config", "bad.mjs"])).toMatch(/colour/);
  });

  it("a tasks module that cannot be imported", async () => {
    expect(await refused(["--config", "tasks.config.mjs", "--port", "0"])).toMatch(
      /no tasks today \(at .*tasks\.mjs:1:7\)\. Correct that file, or what it imports\.$/,
    );
  });

  it.each([
    ["a configuration in JavaScript", "imports.mjs", /\(at .*lib\.mjs:3:7\)\. Correct that file/],
    ["a configuration in TypeScript", "typed.config.mjs", /\(at .*lib\.ts:2:17\)\. Correct that file/],
    ["a tasks module", "imports.config.mjs", /\(at .*lib\.mjs:3:7\)\. Correct that file/],
  ])("what is imported by %s and cannot be parsed, with its place", async (_what, config, place) => {
    expect(await refused(["--config", config, "--port", "0"])).toMatch(place);
  });

  it("to work without a configuration, or with one that names no tasks", async () => {
    expect(await refused([])).toMatch(/^There are no tasks to run: there is no configuration stage3queue\.config\./);
    expect(await refused(["--config", "idle.mjs"])).toMatch(/^There are no tasks to run: .*idle\.mjs names no tasks\./);
  });

  it("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await refused(["--no-work", "--port", String(port)])).toMatch(`${port} is in use`);
  });

  it("a PORT that is none", async () => {
    expect(await refused([], { PORT: "http" })).toMatch(/PORT/);
  });

  it("to serve the network without a token", async () => {
    expect(await refused(["--no-work"], { HOST: "0.0.0.0", PORT: "0" })).toMatch(/set http\.token or STAGE3_TOKEN/);
  });

  it("a database that it does not know", async () => {
    expect(await refused(["--database", "mysql://localhost"])).toMatch(/database/);
  });
});
