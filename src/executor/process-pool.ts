import { availableParallelism } from "node:os";
import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { WarningCode } from "../core/events.ts";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/policy.ts";
import { Child, type ChildOwner } from "./child.ts";
import { IdleChildren } from "./idle-children.ts";
import { type AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { Executor, RunningAttempt, RunRequest } from "./port.ts";

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

/** How long no child is started after one that was of no use, so that a broken module does not keep the machine busy. */
const START_DELAY_MS = 1_000;

/**
 * Runs each attempt in a child process, which is used again and again until an attempt crashes in it, or has to be
 * stopped. Children are started by demand, each in a process group of its own.
 */
export class ProcessPool implements Executor {
  readonly #options: ProcessPoolOptions;
  readonly #children: Set<Child> = new Set();
  readonly #idle: IdleChildren;
  readonly #waiting: Set<PooledAttempt> = new Set();
  readonly #asChildOwner: ChildOwner;
  readonly #asAttemptHolder: AttemptHolder;
  #functions: readonly FunctionDescription[] | undefined;
  /** While somebody waits for the functions. */
  #describing: PromiseWithResolvers<readonly FunctionDescription[]> | undefined;
  #startDelay: Timer | undefined;
  #stopping: PromiseWithResolvers<void> | undefined;

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
    this.#idle = new IdleChildren(options.clock);
    this.#asChildOwner = {
      onReady: (child, functions) => this.#onReady(child, functions),
      onFree: (child) => this.#onFree(child),
      onNotBegun: (attempt) => this.#wait(attempt),
      onStray: (message) => options.warn("STRAY_REJECTION", message),
      onGone: (child, startFailure) => this.#onGone(child, startFailure),
    };
    this.#asAttemptHolder = { abortAttempt: (attempt) => this.#drop(attempt) };
  }

  /** Starts the first child. */
  describe(): Promise<readonly FunctionDescription[]> {
    if (this.#stopping !== undefined) return Promise.reject(stopped());
    if (this.#functions !== undefined) return Promise.resolve(this.#functions);
    this.#describing ??= Promise.withResolvers();
    this.#grow();
    return this.#describing.promise;
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = new PooledAttempt(request, this.#asAttemptHolder);
    const child = this.#idle.pop();
    if (child === undefined) this.#wait(attempt);
    else child.run(attempt);
    return attempt;
  }

  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    this.#stopping = Promise.withResolvers();
    this.#startDelay?.cancel();
    this.#describing?.reject(stopped());
    for (const attempt of this.#waiting) this.#drop(attempt);
    for (const child of this.#children) if (child.starting) child.leave();
    this.#idle.clear();
    if (this.#children.size === 0) this.#stopping.resolve();
    return this.#stopping.promise;
  }

  #wait(attempt: PooledAttempt): void {
    attempt.holder = this.#asAttemptHolder;
    this.#waiting.add(attempt);
    if (this.#stopping === undefined) this.#grow();
    else this.#drop(attempt);
  }

  /** An attempt that has not begun ends at once. */
  #drop(attempt: PooledAttempt): void {
    this.#waiting.delete(attempt);
    attempt.settle({ kind: "killed" });
  }

  #nextWaiting(): PooledAttempt | undefined {
    for (const attempt of this.#waiting) {
      this.#waiting.delete(attempt);
      return attempt;
    }
    return undefined;
  }

  /** Starts as many children as are wanted and allowed. */
  #grow(): void {
    if (this.#startDelay !== undefined || this.#stopping !== undefined) return;
    let starting = 0;
    let staying = 0;
    for (const child of this.#children) {
      if (child.starting) starting += 1;
      if (child.staying) staying += 1;
    }
    // One child is always ahead of the demand.
    const wanted = Math.max(this.#waiting.size, staying === 0 ? 1 : 0);
    const mayStart = Math.min(wanted, availableParallelism()) - starting;
    for (let left = Math.min(mayStart, this.#options.maxSize - staying); left > 0; left -= 1) this.#start();
  }

  #start(): void {
    const { tasksUrl, topic, clock, execArgv = process.execArgv, onChildStarted } = this.#options;
    try {
      const child = new Child({ tasksUrl, topic, execArgv }, clock, this.#asChildOwner);
      this.#children.add(child);
      onChildStarted(child.pid);
    } catch (error) {
      this.#onStartFailed({ code: "TASK_FAILED", ...describeThrown(error) });
    }
  }

  #onReady(child: Child, functions: readonly FunctionDescription[]): void {
    this.#functions ??= functions;
    this.#describing?.resolve(this.#functions);
    this.#describing = undefined;
    this.#onFree(child);
  }

  #onFree(child: Child): void {
    const attempt = this.#nextWaiting();
    if (attempt !== undefined) child.run(attempt);
    else if (this.#stopping === undefined) this.#idle.push(child);
    else child.leave();
  }

  #onGone(child: Child, startFailure: FailureReason | undefined): void {
    this.#children.delete(child);
    this.#idle.remove(child);
    this.#options.onChildGone(child.pid);
    if (this.#stopping !== undefined) {
      if (this.#children.size === 0) this.#stopping.resolve();
    } else if (startFailure !== undefined) {
      this.#onStartFailed(startFailure);
    } else if (child.served) {
      this.#grow();
    } else {
      this.#delayStarts();
    }
  }

  /** Whoever asked for the child learns of it; what comes later waits for the next try. */
  #onStartFailed(failure: FailureReason): void {
    this.#describing?.reject(importFailed(failure));
    this.#describing = undefined;
    this.#nextWaiting()?.settle({ kind: "failed", failure });
    this.#delayStarts();
  }

  #delayStarts(): void {
    this.#startDelay ??= this.#options.clock.setTimer(START_DELAY_MS, () => {
      this.#startDelay = undefined;
      if (this.#waiting.size > 0 || this.#describing !== undefined) this.#grow();
    });
  }
}

function stopped(): Stage3Error {
  return new Stage3Error("STOPPED", "The queue has been stopped.");
}

function importFailed({ message, stack }: FailureReason): Stage3Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new Stage3Error("INVALID_OPTION", message, { cause });
}
