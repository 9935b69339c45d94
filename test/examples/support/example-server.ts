import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The command `stage3queue`. */
export const command: string = join(root, "bin", "stage3queue.js");

/** The example application, served as `npm start` serves it, with a folder of its own to work in. */
export interface ExampleServer {
  readonly pid: number | undefined;
  readonly port: number;
  readonly url: string;
  /** Its working directory; what it writes is in `data` there. */
  readonly folder: string;
  /** Where its tasks are, as the command line takes it. */
  readonly database: string;
  /** What it has written so far. */
  readonly output: () => string;
}

/** Starts the example application for the running test, and stops it gracefully when the test ends. */
export async function startExample(environment: Record<string, string> = {}): Promise<ExampleServer> {
  const folder = temporaryFolder();
  const port = await freePort();
  const database = `sqlite:${join(folder, "stage3.db")}`;
  const config = join(root, "examples", "app", "stage3queue.config.ts");
  const child = spawn(process.execPath, [command, "start", "--config", config], {
    cwd: folder,
    env: {
      ...withoutSettings(process.env),
      ...environment,
      PORT: String(port),
      STAGE3_DATABASE: database,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = gatherOutput(child);
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`The server ended with ${code ?? signal}, not with 0:\n${output()}`);
  });

  const url = `http://localhost:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output()}`);
    await wait(20);
  }
  return { pid: child.pid, port, url, folder, database, output };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // nobody listens yet
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Without what the machine of whoever runs the tests may have set. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(?:STAGE3_(?!TEST_)|SMTP_|HOST$|PORT$|NODE_(?!COMPILE_CACHE$)|VITEST)/u.test(name),
    ),
  );
}

function gatherOutput({ stdout, stderr }: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [stdout, stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
