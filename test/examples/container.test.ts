import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readId } from "./support/calls.ts";
import { buildStages, type BuiltStage } from "./support/container-build.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The calls that docs/container.md shows. */
const [post = "", get = "", ...otherCalls] = readFileSync(join(root, "docs", "container.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("curl "));

test("the Dockerfile's steps make an image that serves the example, in an empty folder outside a container", async () => {
  const image = await buildImage();
  expect(image.notRun).toHaveLength(2);
  expect(image.notRun[0]).toMatch(/^apt-get update && apt-get install .* tini/u);
  expect(image.notRun[1]).toMatch(/^mkdir data && chown node:node data$/u);
  const folders = ["bin", "dist", "examples", "migrations", "node_modules"];
  expect(readdirSync(image.folder).toSorted()).toEqual([...folders, "package.json"]);
  expect(readdirSync(join(image.folder, "examples"))).toEqual(["app"]);
  expect(developmentPackagesIn(image)).toEqual(["nodemailer"]);

  // Without a token the image's own settings are refused: nothing listens beyond loopback unprotected.
  const refused = start(image, {});
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain("STAGE3_TOKEN");

  const port = await freePort();
  const settings = { PORT: String(port), HOST: "127.0.0.1", STAGE3_TOKEN: "development" };
  const server = start(image, settings);
  while (!(await isHealthy(image, settings))) {
    if (server.hasEnded()) throw new Error(server.output());
  }

  const unauthorized = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: "{}" });
  expect(unauthorized.status).toBe(401);
  await unauthorized.arrayBuffer();

  const id = readId(await shell(post, port));
  while ((await shell(get.replace("<id>", id), port)) !== '{"status":"finished"}') await wait(20);
  expect(readdirSync(join(image.folder, "data", "outbox"))).toHaveLength(1);
  expect(otherCalls).toHaveLength(1);
  expect(await shell((otherCalls[0] ?? "").replace("<id>", id), port)).toContain("Task is already finished");

  server.signal("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(await isHealthy(image, settings)).toBe(false);
}, 240_000);

async function buildImage(): Promise<BuiltStage> {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const stages = join(folder, "stages");
  mkdirSync(home);
  mkdirSync(stages);
  const built = await buildStages({ root, folder: stages, environment: { ...withoutNpm(), TMPDIR: home } });
  const image = [...built.values()].at(-1);
  if (image === undefined) throw new Error("The Dockerfile has no stage.");
  return image;
}

/** The development dependencies that are in the image. */
function developmentPackagesIn(image: BuiltStage): string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  return Object.keys(devDependencies).filter((name) => existsSync(join(image.folder, "node_modules", name)));
}

interface Container {
  /** The exit code. */
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  output(): string;
  signal(signal: NodeJS.Signals): void;
}

/** Starts the image's command as an engine would, but for its init; with `settings` beside the image's own. */
function start(image: BuiltStage, settings: Record<string, string>): Container {
  const child = spawnIn(image, image.command, settings);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    ended,
    hasEnded: () => child.exitCode !== null,
    output: () => Buffer.concat(chunks).toString(),
    signal: (signal) => void child.kill(signal),
  };
}

async function isHealthy(image: BuiltStage, settings: Record<string, string>): Promise<boolean> {
  const [code] = (await once(spawnIn(image, image.healthcheck, settings), "close")) as [number | null];
  return code === 0;
}

/** Only what the image and `settings` say, as in a container; its Node is the one that runs the tests. */
function spawnIn(image: BuiltStage, [program, ...args]: readonly string[], settings: object): ChildProcess {
  expect(program).toBe("node");
  const inherited = Object.entries(process.env).filter(
    ([name]) => name === "TMPDIR" || name.startsWith("STAGE3_TEST_"),
  );
  return spawn(process.execPath, args, {
    cwd: image.folder,
    env: { ...Object.fromEntries(inherited), ...image.environment, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a call as the docs write it, but for the port. */
async function shell(command: string, port: number): Promise<string> {
  const { stdout } = await run("sh", ["-c", command.replace("curl", "curl --silent").replace("4000", String(port))]);
  return stdout;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Without what npm tells the scripts that it runs: a nested npm would take it for its own. */
function withoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_ENV$|NODE_OPTIONS$|VITEST)/u.test(name)),
  );
}
