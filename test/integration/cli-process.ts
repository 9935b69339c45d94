import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { build } from "../../scripts/bootstrap/build.mjs";

const BIN = fileURLToPath(new URL("../../bin/stage3queue.js", import.meta.url));

/** Where a configuration and tasks lie. */
export const PROJECT: string = fileURLToPath(new URL("cli-project", import.meta.url));

export interface CliWorld {
  /** The working directory. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command as a user starts it, in a process of its own. */
export class CliProcess {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly exit: Promise<number>;
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();

  static async start(args: readonly string[], world: CliWorld): Promise<CliProcess> {
    await build();
    return new CliProcess(args, world);
  }

  private constructor(args: readonly string[], { folder, environment = {} }: CliWorld) {
    this.#process = spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      env: { ...cleanEnvironment(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = [this.#collect(this.#process.stdout, this.stdout), this.#collect(this.#process.stderr, this.stderr)];
    this.exit = Promise.all([once(this.#process, "exit"), ...lines]).then(([[code, signal]]) => {
      this.#wake();
      return typeof code === "number" ? code : Promise.reject(new Error(`ended by ${String(signal)}`));
    });
    onTestFinished(async () => {
      this.#process.kill("SIGKILL");
      await this.exit.catch(() => undefined);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the first line of stdout or stderr that matches. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = [...this.stdout, ...this.stderr].find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#process.exitCode !== null)
        throw new Error(`ended without ${String(pattern)}: ${this.stderr.join("\n")}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves with the address once the instance is ready. */
  async url(): Promise<string> {
    return (await this.line(/^Stage3Queue is ready/)).replace(/^.* on /, "");
  }

  async #collect(stream: NodeJS.ReadableStream | null, lines: string[]): Promise<void> {
    if (stream === null) return;
    for await (const line of createInterface({ input: stream })) {
      lines.push(line);
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Runs the command to its end. */
export async function runCli(
  args: readonly string[],
  world: CliWorld,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = await CliProcess.start(args, world);
  const code = await cli.exit;
  return { code, stdout: cli.stdout.join("\n"), stderr: cli.stderr.join("\n") };
}

function cleanEnvironment(): Record<string, string | undefined> {
  const own = /^(PORT|HOST|STAGE3_(DATABASE|TOKEN)|NODE_OPTIONS|NODE_ENV|VITEST.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}
