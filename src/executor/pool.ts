import { availableParallelism } from "node:os";
import type { Clock, Timer } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import type { WarningCode } from "../core/events.ts";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/policy.ts";
import type { StartBody } from "./body.ts";
import { IdleMembers } from "./idle-members.ts";
import { Member, type MemberOwner } from "./member.ts";
import { type AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { Executor, RunningAttempt, RunRequest } from "./port.ts";

export interface PoolOptions {
  readonly start: StartBody;
  /** The most attempts at once. */
  readonly maxSize: number;
  /** How many members beyond those that run something are kept ready, so that the next attempt need not wait for one. */
  readonly spares: number;
  readonly clock: Clock;
  readonly onStarted: (id: number) => void;
  /** Nothing is left of that member. */
  readonly onGone: (id: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
}

/** How long none is started after one that was of no use, so that a broken module does not keep the machine busy. */
const START_DELAY_MS = 1_000;

/**
 * Runs each attempt in a member, a process or a thread, which is used again and again until an attempt crashes in it,
 * or has to be stopped. Members are started by demand.
 */
export class Pool implements Executor {
  readonly #options: PoolOptions;
  readonly #members: Set<Member> = new Set();
  readonly #idle: IdleMembers;
  readonly #waiting: Set<PooledAttempt> = new Set();
  readonly #asMemberOwner: MemberOwner;
  readonly #asAttemptHolder: AttemptHolder;
  #functions: readonly FunctionDescription[] | undefined;
  /** While somebody waits for the functions. */
  #describing: PromiseWithResolvers<readonly FunctionDescription[]> | undefined;
  #startDelay: Timer | undefined;
  #stopping: PromiseWithResolvers<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#idle = new IdleMembers(options.clock);
    this.#asMemberOwner = {
      onReady: (member, functions) => this.#onReady(member, functions),
      onFree: (member) => this.#onFree(member),
      onEnding: () => this.#onEnding(),
      onNotBegun: (attempt) => this.#wait(attempt),
      onStray: (message) => options.warn("STRAY_REJECTION", message),
      onGone: (member, startFailure) => this.#onGone(member, startFailure),
    };
    this.#asAttemptHolder = { abortAttempt: (attempt) => this.#drop(attempt) };
  }

  /** Starts the first member. */
  describe(): Promise<readonly FunctionDescription[]> {
    if (this.#stopping !== undefined) return Promise.reject(stopped());
    if (this.#functions !== undefined) return Promise.resolve(this.#functions);
    // Kept here: where no member can be started, nobody waits any more once this has grown.
    const describing = (this.#describing ??= Promise.withResolvers());
    this.#grow();
    return describing.promise;
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = new PooledAttempt(request, this.#asAttemptHolder);
    const member = this.#waiting.size === 0 && this.#hasRoom() ? this.#idle.pop() : undefined;
    if (member === undefined) this.#wait(attempt);
    else this.#runIn(member, attempt);
    return attempt;
  }

  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    this.#stopping = Promise.withResolvers();
    this.#startDelay?.cancel();
    this.#describing?.reject(stopped());
    for (const attempt of this.#waiting) this.#drop(attempt);
    for (const member of this.#members) if (member.starting) member.leave();
    this.#idle.clear();
    if (this.#members.size === 0) this.#stopping.resolve();
    return this.#stopping.promise;
  }

  #runIn(member: Member, attempt: PooledAttempt): void {
    member.run(attempt);
    if (this.#options.spares > 0 && this.#idle.isEmpty) this.#grow();
  }

  #wait(attempt: PooledAttempt): void {
    attempt.holder = this.#asAttemptHolder;
    this.#waiting.add(attempt);
    if (this.#stopping !== undefined) return this.#drop(attempt);
    this.#feed();
    this.#grow();
  }

  /** Lets idle members run what waits. */
  #feed(): void {
    while (this.#waiting.size > 0 && this.#hasRoom()) {
      const member = this.#idle.pop();
      const attempt = member === undefined ? undefined : this.#nextWaiting();
      if (member === undefined || attempt === undefined) return;
      this.#runIn(member, attempt);
    }
  }

  /** A spare is no reason to run more at once. One that is being killed does not count, however long that takes. */
  #hasRoom(): boolean {
    const { spares, maxSize } = this.#options;
    if (spares === 0) return true;
    let running = 0;
    for (const member of this.#members) if (member.running) running += 1;
    return running < maxSize;
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

  /** Starts as many members as are wanted and allowed. */
  #grow(): void {
    if (this.#startDelay !== undefined || this.#stopping !== undefined) return;
    let starting = 0;
    let staying = 0;
    for (const member of this.#members) {
      if (member.starting) starting += 1;
      if (member.staying) staying += 1;
    }
    const { maxSize, spares } = this.#options;
    const wantedSpares = this.#idle.isEmpty && staying > 0 ? spares : 0;
    // One member is always ahead of the demand.
    const wanted = Math.max(this.#waiting.size + wantedSpares, staying === 0 ? 1 : 0);
    const mayStart = Math.min(wanted, availableParallelism()) - starting;
    let left = Math.min(mayStart, maxSize + spares - staying);
    // Where one cannot be started, the others are left for the next try.
    for (; left > 0 && this.#startDelay === undefined; left -= 1) this.#start();
  }

  #start(): void {
    const { start, clock, onStarted } = this.#options;
    try {
      const member = new Member(start, clock, this.#asMemberOwner);
      this.#members.add(member);
      onStarted(member.id);
    } catch (error) {
      this.#onStartFailed({ code: "TASK_FAILED", ...describeThrown(error) });
    }
  }

  #onReady(member: Member, functions: readonly FunctionDescription[]): void {
    this.#functions ??= functions;
    this.#describing?.resolve(this.#functions);
    this.#describing = undefined;
    this.#onFree(member);
    // Only so many start at once: what still waits may be the next one's.
    this.#grow();
  }

  #onFree(member: Member): void {
    const attempt = this.#hasRoom() ? this.#nextWaiting() : undefined;
    if (attempt !== undefined) this.#runIn(member, attempt);
    else if (this.#stopping === undefined) this.#idle.push(member);
    else member.leave();
  }

  /** There is room for another, however long the end of that one takes. */
  #onEnding(): void {
    if (this.#waiting.size === 0) return;
    this.#feed();
    this.#grow();
  }

  #onGone(member: Member, startFailure: FailureReason | undefined): void {
    this.#members.delete(member);
    this.#idle.remove(member);
    this.#options.onGone(member.id);
    if (this.#stopping !== undefined) {
      if (this.#members.size === 0) this.#stopping.resolve();
    } else if (startFailure !== undefined) {
      this.#onStartFailed(startFailure);
    } else if (member.served) {
      this.#feed();
      this.#grow();
    } else {
      this.#delayStarts();
    }
  }

  /** Whoever asked for the member learns of it; what comes later waits for the next try. */
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
