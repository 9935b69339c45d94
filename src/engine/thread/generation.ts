import { SHARE_ENV, Worker } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import type { FromHost, HostData, ToHost } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** How long a thread may take to end by itself once its Engine has stopped. */
const ENDING_MS = 2_000;

/**
 * Beside this module, with its own extension: `.ts` in the sources, `.js` once compiled. Not read at import: a bundle in
 * CommonJS has no address, and `open` is to say so.
 */
function entry(): URL {
  return new URL(`./entry${import.meta.url.slice(-3)}`, import.meta.url);
}

/** One thread with an Engine in it, from its start to its death. */
export class Generation {
  /** Resolves when the thread is gone, with the error that ended it, if one did. */
  readonly ended: Promise<unknown>;
  readonly #worker: Worker;
  readonly #outbox: Outbox<ToHost>;

  constructor(data: HostData, receive: (message: FromHost) => void) {
    const worker = new Worker(entry(), {
      name: "stage3queue engine",
      workerData: data,
      env: SHARE_ENV,
      // The application's own flags (loaders, inspector) have no business here.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    worker.unref();
    worker.on("message", (messages: readonly FromHost[]) => {
      for (const message of messages) receive(message);
    });
    this.ended = new Promise((resolve) => {
      let cause: unknown;
      worker.on("error", (error: unknown) => (cause = error));
      worker.on("exit", () => resolve(cause));
    });
    this.#worker = worker;
    this.#outbox = new Outbox((messages) => worker.postMessage(messages));
  }

  send(message: ToHost): void {
    this.#outbox.send(message);
  }

  /** Whether the thread keeps the process alive. */
  hold(keepsAlive: boolean): void {
    if (keepsAlive) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread at once. */
  terminate(): void {
    void this.#worker.terminate();
  }

  /** Waits for the thread to be gone, and ends it where it does not go by itself. */
  async end(clock: Clock): Promise<void> {
    const deadline = clock.setTimer(ENDING_MS, () => this.terminate());
    await this.ended;
    deadline.cancel();
  }
}
