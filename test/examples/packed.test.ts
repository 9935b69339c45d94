import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { otherNode } from "./support/other-node.ts";
import { packedProject, type PackedProject } from "./support/packed-project.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The oldest that is promised to work, the one that the project is developed on, and the newest line. */
const VERSIONS =
  process.env["STAGE3_LONG"] === "1" ? ["22.18.0", process.versions.node, "26.10.0"] : [process.versions.node];

/** What is too old, but can read ES modules; else the Node at hand, which says that it is one of them. */
const OLD_VERSIONS = process.env["STAGE3_LONG"] === "1" ? ["18.20.8", "20.19.5", "22.17.1"] : ["20.19.5"];

/** Node 22 says on stderr that it strips types, in each process that does; nothing else may be there. */
const ABOUT_TYPES = /^\(node:\d+\) ExperimentalWarning: Type Stripping is .*\n\(Use `node --trace-warnings .*\n/gmu;

let project: PackedProject;

beforeAll(async () => {
  project = await packedProject();
}, 60_000);

afterAll(() => project.remove());

describe.each(VERSIONS)("the packed package on Node %s", (version) => {
  let node = process.execPath;
  const databaseNamed = (name: string): string => `sqlite:${name}-${version}.db`;

  beforeAll(async () => {
    if (version !== process.versions.node) node = await otherNode(version);
  }, 120_000);

  async function runNode(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const { stdout, stderr } = await run(node, args, { cwd: project.folder, timeout: 30_000 });
    return { stdout: stdout.trimEnd(), stderr: stderr.replaceAll(ABOUT_TYPES, "") };
  }

  test("is run by that version", async () => {
    expect((await runNode("--version")).stdout).toBe(`v${version}`);
  });

  test("has every export, for import and require, and loads no SQL and no server before it has to", async () => {
    const { stdout, stderr } = await runNode("exports.mjs");
    expect(stderr).toBe("");
    const { unwanted, exported } = JSON.parse(stdout) as { unwanted: string[]; exported: Record<string, unknown> };
    expect(unwanted).toEqual([]);
    expect(Object.keys(exported)).toEqual(expect.arrayContaining([".", "./http", "./tasks"]));
    for (const [name, found] of Object.entries(exported))
      expect([name, found]).toEqual([name, { imported: true, same: true }]);
  });

  test.each(["tasks.ts", "tasks.mjs"])("runs and aborts the tasks of %s", async (tasks) => {
    const { stdout, stderr } = await runNode("application.mjs", tasks, databaseNamed(tasks));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ results: [3, "name", 42], aborted: true, spinning: "aborted" });
  });

  test("has the command, which serves the REST API", async () => {
    const command = join("node_modules", "stage3queue", "bin", "stage3queue.js");
    const database = ["--database", databaseNamed("command")];
    const { stdout: id } = await runNode(command, "enqueue", "default", "add", '[{"a":20,"b":22}]', ...database);
    const url = await started(node, [command, "start", "--port", "0", ...database], project.folder);
    const status = async (): Promise<unknown> => (await fetch(`${url}/${id}`)).json();
    while (JSON.stringify(await status()) !== '{"status":"finished"}') await wait(10);
    expect((await runNode(command, "status", id, ...database)).stdout).toBe("finished");
    const aborted = await fetch(`${url}/${id}`, { method: "DELETE" });
    expect([aborted.status, await aborted.json()]).toEqual([
      409,
      { message: "Task is already finished", status: "error" },
    ]);
  });
});

describe.each(OLD_VERSIONS)("the packed package on Node %s, which is too old", (version) => {
  let command: readonly string[] = [];

  beforeAll(async () => {
    const claim = `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} })`;
    command =
      process.env["STAGE3_LONG"] === "1"
        ? [await otherNode(version)]
        : [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(claim)}`];
  }, 120_000);

  test.each(["stage3queue", "stage3queue/http", "stage3queue/testing"])(
    "says in one sentence which Node it needs when %s is imported",
    async (specifier) => {
      const [node = "", ...flags] = command;
      const program = `import(${JSON.stringify(specifier)}).catch((error) => console.log(error.message))`;
      const { stdout } = await run(node, [...flags, "--input-type=module", "--eval", program], { cwd: project.folder });
      expect(stdout).toBe(
        `Stage3Queue needs Node 22.18 or newer and this is Node ${version}; install a newer one from https://nodejs.org.\n`,
      );
    },
  );
});

test("the packed package brings types and a source map with the source for each of its files", () => {
  const dist = join(project.folder, "node_modules", "stage3queue", "dist");
  const files = globSync("**/*.js", { cwd: dist });
  expect(files).toContain("src/http.js");
  for (const file of files) {
    const map = JSON.parse(readFileSync(join(dist, `${file}.map`), "utf8")) as { readonly sourcesContent?: unknown };
    expect(map.sourcesContent, file).toEqual([expect.stringMatching(/\S/u)]);
    expect(existsSync(join(dist, file.replace(/\.js$/u, ".d.ts"))), file).toBe(true);
  }
});

describe("the packed package's types", () => {
  test.each(["nodenext", "bundler"])("compile in a project with moduleResolution %s", async (moduleResolution) => {
    const file = `tsconfig.${moduleResolution}.json`;
    const compilerOptions = {
      moduleResolution,
      module: moduleResolution === "nodenext" ? "nodenext" : "esnext",
      target: "es2022",
      lib: ["es2024"],
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules", "@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(project.folder, file), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    const compiled = await run(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", file], {
      cwd: project.folder,
    }).catch((error: unknown) => error);
    expect(compiled).toEqual({ stdout: "", stderr: "" });
  });
});

describe("docs/start.md, with the packed package", () => {
  const page = readFileSync(join(ROOT, "docs", "start.md"), "utf8");
  const files = join(ROOT, "examples", "start");
  let folder = "";

  beforeAll(() => {
    folder = join(project.folder, "start");
    cpSync(files, folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });

  test("leads to files that it shows whole", () => {
    const shown = [...page.matchAll(/^```(?:ts|json)\n(.*?)^```$/gmsu)].map(([, text]) => text);
    const names = ["tasks.ts", "app.ts", "stage3queue.config.ts", "tsconfig.json"];
    expect(shown).toEqual(names.map((name) => readFileSync(join(files, name), "utf8")));
  });

  test("leads to an application that runs a task, and compiles", async () => {
    const { stdout, stderr } = await run(process.execPath, ["app.ts"], { cwd: folder, timeout: 30_000 });
    expect([stdout, stderr]).toEqual(["Hello, Ada!\n", ""]);
    const types = ["--typeRoots", join(ROOT, "node_modules", "@types")];
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const compiled = await run(process.execPath, [compiler, "-p", folder, ...types]).catch((error: unknown) => error);
    expect(compiled).toEqual({ stdout: "", stderr: "" });
  });

  test("leads to a server that takes the page's call, on the application's database", async () => {
    const command = join(project.folder, "node_modules", "stage3queue", "bin", "stage3queue.js");
    const url = await started(process.execPath, [command, "start", "--port", "0"], folder);
    const [, body = ""] = /--data '(.*?)' http:\/\/localhost:4000$/mu.exec(page) ?? [];
    const headers = { "Content-Type": "application/json" };
    const enqueued = await fetch(url, { method: "POST", body, headers });
    const { id } = (await enqueued.json()) as { readonly id: string };
    const status = async (): Promise<unknown> => (await fetch(`${url}/${id}`)).json();
    await expect.poll(status, { timeout: 15_000, interval: 20 }).toEqual({ status: "finished" });
    const { stdout } = await run(process.execPath, [command, "queues", "--json"], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject([{ topic: "default", finished: 2 }]);
  });
});

/** Starts the command; answers with its address, and has it stop gracefully when the test ends. */
async function started(node: string, args: readonly string[], folder: string): Promise<string> {
  const child = spawn(node, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exited = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(stderr.replaceAll(ABOUT_TYPES, "")).toBe("Stopping; a second signal ends it at once.\n");
  });
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), exited])) as [unknown];
  const [url] = /http:\S+/u.exec(String(line)) ?? [];
  if (url === undefined) throw new Error(`The command has not started: ${stderr}`);
  return url;
}
