import process from "node:process";
import { messageOf } from "./message-of.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Writes a line for each unhandled rejection that an inline handler left behind. Node would end the
 * process for it, and with it the tasks of every other handler.
 */
export class StrayRejections {
  readonly #listener: (reason: unknown) => void;

  constructor(terminal: Terminal) {
    this.#listener = (reason) => {
      terminal.error(`warning: STRAY_REJECTION: A promise was rejected and nobody handled it: ${messageOf(reason)}`);
    };
    process.on("unhandledRejection", this.#listener);
  }

  stop(): void {
    process.off("unhandledRejection", this.#listener);
  }
}
