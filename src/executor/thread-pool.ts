import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import { Pool } from "./pool.ts";
import { ThreadBody } from "./thread-body.ts";

export interface ThreadPoolOptions {
  /** The module to import in each thread. */
  readonly tasksUrl: string;
  readonly clock: Clock;
  /** The flags to choose the threads' from; those of this process or thread unless given. */
  readonly execArgv?: readonly string[];
  /** How large the heap of each thread may become. Buffers lie elsewhere, and are not counted. */
  readonly maxMemoryBytes?: number | undefined;
  readonly onThreadStarted?: (id: number) => void;
  /** The thread has ended. */
  readonly onThreadGone?: (id: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
}

/** A thread that had to be ended must not cost the next attempt the start of another one. */
const SPARES = 1;

/** Runs each attempt in a worker thread of this process. One more is loaded than there are attempts. */
export class ThreadPool extends Pool {
  constructor(options: ThreadPoolOptions) {
    const { tasksUrl, clock, execArgv = process.execArgv, maxMemoryBytes, warn } = options;
    super({
      start: (handlers) => new ThreadBody({ tasksUrl, execArgv, maxMemoryBytes }, handlers),
      spares: SPARES,
      clock,
      onStarted: (id) => options.onThreadStarted?.(id),
      onGone: (id) => options.onThreadGone?.(id),
      warn,
    });
  }
}
