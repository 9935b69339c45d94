import type { Clock, Timer } from "../core/clock.ts";
import type { ProcessExit } from "./process-end.ts";

export interface DepartureHandlers {
  /** The channel has ended, but the process lives on: it cannot be talked to, and is of no use. */
  readonly onExitOverdue: () => void;
  /** The process has exited, but somebody else holds its channel open. */
  readonly onChannelOverdue: () => void;
  /** It has exited, and its last message has been read. */
  readonly onComplete: (exit: ProcessExit) => void;
}

/** How long the exit of a process and the end of its channel, which come together, wait for each other. */
const OVERDUE_MS = 200;

/** The end of a process, in whichever order the system tells of its two halves. */
export class Departure {
  readonly #clock: Clock;
  readonly #handlers: DepartureHandlers;
  #exit: ProcessExit | undefined;
  #channelEnded = false;
  #overdue: Timer | undefined;

  constructor(clock: Clock, handlers: DepartureHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** Whether the process has exited; there may still be last messages. */
  get exited(): boolean {
    return this.#exit !== undefined;
  }

  onExit(exit: ProcessExit): void {
    this.#exit = exit;
    this.#check(this.#handlers.onChannelOverdue);
  }

  onChannelEnd(): void {
    this.#channelEnded = true;
    this.#check(this.#handlers.onExitOverdue);
  }

  #check(onOverdue: () => void): void {
    this.#overdue?.cancel();
    if (this.#exit !== undefined && this.#channelEnded) this.#handlers.onComplete(this.#exit);
    else this.#overdue = this.#clock.setTimer(OVERDUE_MS, onOverdue);
  }
}
