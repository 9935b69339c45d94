import { availableParallelism } from "node:os";
import type { Clock, Timer } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { StartBody } from "./body.ts";
import { IdleMembers } from "./idle-members.ts";
import { Member, type MemberOwner } from "./member.ts";
import { importFailed, stopped } from "./pool-errors.ts";
import { type AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { Executor, RunningAttempt, RunRequest, TellUnavailable } from "./port.ts";
import { Shortage } from "./shortage.ts";

export interface PoolOptions {
  readonly start: StartBody;
  /** Named in warnings. */
  readonly topic: string;
  /** The most attempts at once. */
  readonly maxSize: number;
  /** How many members beyond those that run something are kept ready, so that the next attempt need not wait for one. */
  readonly spares: number;
  readonly clock: Clock;
  readonly onStarted: (id: number) => void;
  /** Nothing is left of that member. */
  readonly onGone: (id: number) => void;
  readonly warn: (code: WarningCode, message: string) => void;
  readonly tell: TellUnavailable;
}

/**
 * Runs each attempt in a member, a process or a thread, which is used again and again until an attempt crashes in it,
 * or has to be stopped. Members are started by demand.
 */
export class Pool implements Executor {
  readonly #options: PoolOptions;
  readonly #members: Set<Member> = new Set();
  readonly #idle: IdleMembers;
  readonly #waiting: Set<PooledAttempt> = new Set();
  readonly #shortage: Shortage;
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
    this.#shortage = new Shortage(options);
    this.#asMemberOwner = {
      onReady: (member, functions) => this.#onReady(member, functions),
      onFree: (member) => this.#onFree(member),
      onEnding: () => this.#onEnding(),
      onNotBegun: (attempt) => this.#wait(attempt),
      onStray: options.warn,
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
    else this.#runOrRefuse(member, attempt);
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

  #runOrRefuse(member: Member, attempt: PooledAttempt): void {
    if (this.#refuses(member, attempt)) this.#idle.push(member);
    else this.#runIn(member, attempt);
  }

  /** A member that has loaded the tasks module anew may lack a function of those before. */
  #refuses(member: Member, attempt: PooledAttempt): boolean {
    const lacks = this.#shortage.lacks(member.functions, attempt.request.function);
    if (lacks) attempt.settle({ kind: "blameless" });
    return lacks;
  }

  #runIn(member: Member, attempt: PooledAttempt): void {
    member.run(attempt);
    if (this.#options.spares > 0 && this.#idle.isEmpty) this.#grow();
  }

  #wait(attempt: PooledAttempt): void {
    attempt.holder = this.#asAttemptHolder;
    this.#waiting.add(attempt);
    attempt.request.onWait();
    if (this.#stopping !== undefined || this.#shortage.cannotStart) return this.#drop(attempt);
    this.#feed();
    this.#grow();
  }

  /** Lets idle members run what waits. */
  #feed(): void {
    while (this.#waiting.size > 0 && this.#hasRoom()) {
      const member = this.#idle.pop();
      if (member === undefined) return;
      const attempt = this.#nextWaitingFor(member);
      if (attempt === undefined) return this.#idle.push(member);
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
    attempt.settle({ kind: "blameless" });
  }

  #nextWaitingFor(member: Member): PooledAttempt | undefined {
    for (const attempt of this.#waiting) {
      this.#waiting.delete(attempt);
      if (!this.#refuses(member, attempt)) return attempt;
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
    const { cannotStart } = this.#shortage;
    // One member is always ahead of the demand.
    const wanted = Math.max(this.#waiting.size + wantedSpares, staying === 0 || cannotStart ? 1 : 0);
    const mayStart = Math.min(wanted, cannotStart ? 1 : availableParallelism()) - starting;
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
    this.#shortage.started(functions);
    this.#describing?.resolve(this.#functions);
    this.#describing = undefined;
    this.#onFree(member);
    // Only so many start at once: what still waits may be the next one's.
    this.#grow();
  }

  #onFree(member: Member): void {
    const attempt = this.#hasRoom() ? this.#nextWaitingFor(member) : undefined;
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

  /** Whoever asked for the functions learns of it. No task is to blame: what waits is left to others. */
  #onStartFailed(failure: FailureReason): void {
    // Of several that were started at once one counts.
    const isCounted = this.#shortage.cannotStart && this.#startDelay !== undefined;
    if (this.#describing === undefined && !isCounted) this.#shortage.startFailed(failure);
    this.#describing?.reject(importFailed(failure));
    this.#describing = undefined;
    for (const attempt of this.#waiting) this.#drop(attempt);
    this.#delayStarts();
  }

  /** After a member that was of no use, so that a broken module does not keep the machine busy. */
  #delayStarts(): void {
    this.#startDelay ??= this.#options.clock.setTimer(this.#shortage.retryDelayMs, () => {
      this.#startDelay = undefined;
      if (this.#waiting.size > 0 || this.#describing !== undefined || this.#shortage.cannotStart) this.#grow();
    });
  }
}
