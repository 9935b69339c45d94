import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startTimeOf } from "../../src/engine/process-table.ts";
import { childEnvironment } from "../../src/executor/child-flags.ts";

/** What the guard's process is told, one message a line. */
export type ToGuard =
  | { readonly kind: "watch"; readonly pid: number; readonly startTime: string }
  | { readonly kind: "gone"; readonly pid: number };

/**
 * A process that kills others as soon as this one is gone, however that came. They cannot be relied on to see it by
 * themselves: one that is stopped sees nothing at all.
 */
export class Guard {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor() {
    const entry = fileURLToPath(new URL(`./entry/guard${import.meta.url.slice(-3)}`, import.meta.url));
    this.#process = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", entry], {
      // In a session of its own no Ctrl-C reaches it.
      detached: true,
      // Its lifeline: when this process is gone, the system closes it.
      stdio: ["pipe", "ignore", "inherit"],
      env: childEnvironment(process.env),
    });
    this.#exit = once(this.#process, "exit").catch(() => undefined);
    // Where it is missing, what is guarded has only its own eyes.
    this.#process.on("error", () => {});
    this.#process.stdin?.on("error", () => {});
  }

  /** From here on `child` does not outlive this process. It has to lead a process group, which goes with it. */
  watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    // Until this process has heard of its end, its number is no other's.
    this.#tell({ kind: "watch", pid, startTime: startTimeOf(pid) });
    child.once("exit", () => this.#tell({ kind: "gone", pid }));
  }

  /** Kills whatever is left of what it watches, and resolves when it is gone itself. */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    if (this.#process.pid !== undefined) await this.#exit;
  }

  #tell(message: ToGuard): void {
    if (this.#process.stdin?.writable === true) this.#process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
