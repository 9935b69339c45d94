import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import { Pool } from "./pool.ts";
import type { TellUnavailable } from "./port.ts";
import { ProcessBody } from "./process-body.ts";

export interface ProcessPoolOptions {
  /** The module to import in each child. */
  readonly tasksUrl: string;
  /** Shown in the children's command line and in warnings. */
  readonly topic: string;
  /** The most children at once. */
  readonly maxSize: number;
  readonly clock: Clock;
  /** The flags to choose the children's from; those of this process or thread unless given. */
  readonly execArgv?: readonly string[];
  /** What each child is started through; it may throw instead. */
  readonly startChild?: (start: () => ProcessBody) => ProcessBody;
  readonly onChildStarted?: (pid: number) => void;
  /** The child and its whole group are gone. */
  readonly onChildGone: (pid: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
  readonly tell: TellUnavailable;
}

/** Runs each attempt in a child process, each in a process group of its own. */
export class ProcessPool extends Pool {
  constructor(options: ProcessPoolOptions) {
    const { tasksUrl, topic, maxSize, clock, execArgv = process.execArgv, startChild = startIt, warn, tell } = options;
    super({
      start: (handlers) => startChild(() => new ProcessBody({ tasksUrl, topic, execArgv }, clock, handlers)),
      topic,
      maxSize,
      spares: 0,
      clock,
      onStarted: (pid) => options.onChildStarted?.(pid),
      onGone: options.onChildGone,
      warn,
      tell,
    });
  }
}

function startIt(start: () => ProcessBody): ProcessBody {
  return start();
}
