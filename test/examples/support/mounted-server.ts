import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** What callers of these servers have to send. */
export const TOKEN = "a-secret";

/** An application of `examples/mount` that runs for the test. */
export interface MountedServer {
  readonly url: string;
  /** One call of the queue; `path` is what comes after its mount path. */
  readonly call: (method: string, path: string, init?: CallInit) => Promise<CallAnswer>;
  /** Asks it to stop, and resolves with its exit code and with all that it wrote to stderr. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly stderr: string }>;
}

interface CallInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ReadableStream;
}

export interface CallAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Starts the program, on a free port, with a database of its own. It is killed where the test has not stopped it. */
export async function startMounted(program: string): Promise<MountedServer> {
  const child = spawn(process.execPath, [join(root, program)], {
    cwd: join(root, "examples", "mount"),
    env: {
      ...process.env,
      PORT: "0",
      STAGE3_TOKEN: TOKEN,
      STAGE3_DATABASE: `sqlite:${join(temporaryFolder(), "stage3.db")}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const lines = createInterface(child.stdout);
  const [line] = (await Promise.race([once(lines, "line"), closed])) as [string | number | null];
  const url = /http:\S+/u.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`${program} has not started:\n${stderr}`);

  return {
    url,
    async call(method, path, { headers, body = null } = {}) {
      const response = await fetch(`${url}/queue${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
        body,
        ...(body instanceof ReadableStream && { duplex: "half" }),
      });
      return { status: response.status, body: await response.json() };
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = await closed;
      return { code, stderr };
    },
  };
}
