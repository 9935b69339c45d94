import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Kills this process while its main thread is inside a call. */
export class Killer {
  readonly #state: Int32Array;

  private constructor(state: Int32Array) {
    this.#state = state;
  }

  /** Resolves once its thread runs. */
  static async start(): Promise<Killer> {
    const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    const entry = new URL(`./entry/killer${import.meta.url.slice(-3)}`, import.meta.url);
    const thread = new Worker(entry, { workerData: shared, execArgv: ["--disable-warning=ExperimentalWarning"] });
    thread.unref();
    await once(thread, "online");
    return new Killer(new Int32Array(shared));
  }

  /** The value of `call`, unless it takes longer than `afterMs`: then this process is killed within it. */
  during<Value>(call: () => Value, afterMs: number): Value {
    Atomics.store(this.#state, 1, Math.floor(afterMs * 1_000));
    Atomics.store(this.#state, 0, 1);
    Atomics.notify(this.#state, 0);
    try {
      return call();
    } finally {
      Atomics.store(this.#state, 0, 0);
    }
  }
}
