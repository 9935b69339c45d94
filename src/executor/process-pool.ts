import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import { Pool } from "./pool.ts";
import { ProcessBody } from "./process-body.ts";

export interface ProcessPoolOptions {
  /** The module to import in each child. */
  readonly tasksUrl: string;
  readonly clock: Clock;
  /** The flags to choose the children's from; those of this process or thread unless given. */
  readonly execArgv?: readonly string[];
  /** What each child is started through; it may throw instead. */
  readonly startChild?: (start: () => ProcessBody) => ProcessBody;
  readonly onChildStarted?: (pid: number) => void;
  /** The child and its whole group are gone. */
  readonly onChildGone: (pid: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
}

/** Runs each attempt in a child process, each in a process group of its own. */
export class ProcessPool extends Pool {
  constructor(options: ProcessPoolOptions) {
    const { tasksUrl, clock, execArgv = process.execArgv, startChild = startIt, warn } = options;
    super({
      start: (handlers) => startChild(() => new ProcessBody({ tasksUrl, execArgv }, clock, handlers)),
      spares: 0,
      clock,
      onStarted: (pid) => options.onChildStarted?.(pid),
      onGone: options.onChildGone,
      warn,
    });
  }
}

function startIt(start: () => ProcessBody): ProcessBody {
  return start();
}
