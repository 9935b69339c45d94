import process from "node:process";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** The signals that ask the process to stop. While watched they do not end it by themselves. */
export class StopSignals {
  /** Resolves with the first: stop gracefully. */
  readonly first: Promise<NodeJS.Signals>;
  /** Resolves with the second: stop at once. */
  readonly second: Promise<NodeJS.Signals>;
  readonly #listener: (signal: NodeJS.Signals) => void;

  constructor() {
    const first = Promise.withResolvers<NodeJS.Signals>();
    const second = Promise.withResolvers<NodeJS.Signals>();
    this.first = first.promise;
    this.second = second.promise;
    let count = 0;
    this.#listener = (signal) => (++count === 1 ? first : second).resolve(signal);
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
