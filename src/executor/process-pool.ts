import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import { Pool } from "./pool.ts";
import { ProcessBody } from "./process-body.ts";

export interface ProcessPoolOptions {
  /** The module to import in each child. */
  readonly tasksUrl: string;
  /** Shown in the children's command line. */
  readonly topic: string;
  /** The most children at once. */
  readonly maxSize: number;
  readonly clock: Clock;
  /** The flags to choose the children's from; those of this process or thread unless given. */
  readonly execArgv?: readonly string[];
  readonly onChildStarted: (pid: number) => void;
  /** The child and its whole group are gone. */
  readonly onChildGone: (pid: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
}

/** Runs each attempt in a child process, each in a process group of its own. */
export class ProcessPool extends Pool {
  constructor(options: ProcessPoolOptions) {
    const { tasksUrl, topic, maxSize, clock, execArgv = process.execArgv, warn } = options;
    super({
      start: (handlers) => new ProcessBody({ tasksUrl, topic, execArgv }, clock, handlers),
      maxSize,
      spares: 0,
      clock,
      onStarted: options.onChildStarted,
      onGone: options.onChildGone,
      warn,
    });
  }
}
