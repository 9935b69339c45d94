import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../../src/executor/child-flags.ts";
import type { Guard } from "./guard.ts";
import type { HistoryFile } from "./history-file.ts";
import {
  type FromWorker,
  type KillPoint,
  PLACE_VARIABLE,
  type ToWorker,
  type WorkerSettings,
} from "./worker-settings.ts";

/** How a process came to its end. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerProcessParts {
  readonly history: HistoryFile;
  /** A folder for compiled code, so that it starts faster. */
  readonly cache: string;
  readonly guard: Guard;
}

/** The supervisor's side of a worker's process. What it does to it is noted in the history before it is done. */
export class WorkerProcess {
  readonly name: string;
  readonly settings: WorkerSettings;
  /** Resolves when it is gone. */
  readonly ended: Promise<ProcessEnd>;
  /** Resolves once it claims tasks; with false when it ends before. */
  readonly ready: Promise<boolean>;
  readonly #process: ChildProcess;
  readonly #history: HistoryFile;
  readonly #quiet = Promise.withResolvers<void>();
  #isReady = false;
  #end: ProcessEnd | undefined;
  /** Something was done to it. */
  #isLeaving = false;

  constructor(settings: WorkerSettings, { history, cache, guard }: WorkerProcessParts) {
    this.name = settings.place.worker;
    this.settings = settings;
    this.#history = history;
    const env = { NODE_COMPILE_CACHE: cache, [PLACE_VARIABLE]: JSON.stringify(settings.place) };
    this.#process = startProcess("worker", settings, { env, guard });
    this.#event("started");
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#end = { code, signal };
        this.#event(code === 0 ? "stopped" : "crashed");
        resolve(this.#end);
      };
      this.#process.once("exit", end);
      // Where the system starts no process, nothing else tells.
      if (!this.isStarted) this.#process.once("error", () => end(null, null));
    });
    this.ready = Promise.race([
      new Promise<boolean>((resolve) => {
        this.#process.on("message", (message: FromWorker) => {
          if (message.kind === "quiet") return this.#quiet.resolve();
          this.#isReady = true;
          resolve(true);
        });
      }),
      this.ended.then(() => false),
    ]);
  }

  /** Whether there ever was a process: the system may have been short of something. */
  get isStarted(): boolean {
    return this.#process.pid !== undefined;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Whether it claims tasks, and nobody has done anything to it. */
  get isUp(): boolean {
    return this.#isReady && this.isStaying;
  }

  /** Whether nobody has done anything to it, though it may still be starting. */
  get isStaying(): boolean {
    return !this.#isLeaving && this.#end === undefined;
  }

  get isGone(): boolean {
    return this.#end !== undefined;
  }

  /** As `kill -9` does. */
  kill(): void {
    this.#leave();
    this.#process.kill("SIGKILL");
  }

  /** Tells it to kill itself as soon as it comes to that point. */
  killAt(point: KillPoint, fraction: number): void {
    this.#leave();
    this.#send({ kind: "killYourself", point, fraction });
  }

  /** Tells it to enqueue, ask and abort by itself. */
  beBusy(): void {
    this.#send({ kind: "beBusy" });
  }

  /** Tells it to call nobody any more. Resolves once it does not. */
  async beQuiet(): Promise<void> {
    if (!this.#isReady) return;
    this.#send({ kind: "beQuiet" });
    await Promise.race([this.ended, this.#quiet.promise]);
  }

  /** One SIGTERM: it is to stop gracefully. */
  terminate(): void {
    this.#isLeaving = true;
    this.#event("stopping");
    this.#process.kill("SIGTERM");
  }

  /** Another SIGTERM, after the first: it is to end at once. */
  terminateAgain(): void {
    this.#event("stalled");
    this.#process.kill("SIGTERM");
  }

  /** SIGSTOP. */
  stall(): void {
    this.#leave();
    this.#process.kill("SIGSTOP");
  }

  /** SIGCONT. */
  wake(): void {
    this.#process.kill("SIGCONT");
  }

  /** It has registered anew: nothing goes on any more of what it ran before it was stalled. */
  registeredAnew(): void {
    this.#event("woken");
    this.#isLeaving = false;
  }

  #send(message: ToWorker): void {
    this.#process.send(message, () => {});
  }

  /** From here on its attempts may be taken over. */
  #leave(): void {
    this.#isLeaving = true;
    this.#event("stalled");
  }

  #event(event: "started" | "stopping" | "stopped" | "crashed" | "stalled" | "woken"): void {
    this.#history.note({ kind: "worker", worker: this.name, event });
  }
}

/**
 * Starts one of the processes whose code is in `entry/`; `settings` are its argument. In a session of its own no Ctrl-C
 * reaches it: its end is the supervisor's affair, or the guard's.
 */
export function startProcess(
  entry: "worker" | "migrating",
  settings: object,
  { env, guard }: { readonly env: NodeJS.ProcessEnv; readonly guard: Guard },
): ChildProcess {
  const file = fileURLToPath(new URL(`./entry/${entry}${import.meta.url.slice(-3)}`, import.meta.url));
  const started = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", file, JSON.stringify(settings)], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...childEnvironment(process.env), ...env },
  });
  // It tells what the exit tells as well, or that there is no process.
  started.on("error", () => {});
  guard.watch(started);
  return started;
}
