import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface CrowdOptions {
  readonly port: number;
  readonly connections: number;
}

/** Another process that holds many connections open, since one process may not have files enough for both ends. */
export class CrowdProcess implements AsyncDisposable {
  /** How many connections it has open. */
  readonly open: Promise<number>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.open = once(child, "message").then(([open]: unknown[]) => Number(open));
  }

  static async start({ port, connections }: CrowdOptions): Promise<CrowdProcess> {
    const child = fork(new URL("crowd.ts", import.meta.url), [String(port), String(connections)], { execArgv: [] });
    return new CrowdProcess(child);
  }

  /** Drops all connections at once. */
  async leave(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }
}
