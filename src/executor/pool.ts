import { availableParallelism } from "node:os";
import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import { Breadth } from "./breadth.ts";
import { Description } from "./description.ts";
import { IdleMembers } from "./idle-members.ts";
import type { Member } from "./member.ts";
import { Members, type MembersParts } from "./members.ts";
import { importFailed, stopped } from "./pool-errors.ts";
import { PoolShare, type ShareOptions } from "./pool-share.ts";
import type { AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { Executor } from "./port.ts";
import { Shortage } from "./shortage.ts";
import { WaitingAttempts } from "./waiting-attempts.ts";

export interface PoolOptions extends MembersParts {
  /** How many members beyond those that run something are kept ready, so that the next attempt need not wait for one. */
  readonly spares: number;
  readonly warn: (code: WarningCode, message: string) => void;
}

/**
 * Runs each attempt in a member, a process or a thread, which is used again and again until an attempt crashes in it,
 * or has to be stopped. Members are started by demand. Each topic whose tasks run here holds a share.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #members: Members;
  readonly #idle: IdleMembers;
  readonly #shares: Set<PoolShare> = new Set();
  readonly #description = new Description();
  readonly #waiting = new WaitingAttempts();
  readonly #breadth: Breadth;
  readonly #shortage: Shortage;
  readonly #asAttemptHolder: AttemptHolder;
  #stopping: PromiseWithResolvers<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#idle = new IdleMembers(options.clock);
    const { clock } = options;
    this.#breadth = new Breadth({ clock, isHeld: () => !this.#waiting.isEmpty, widened: () => this.#serve() });
    this.#shortage = new Shortage({ ...options, shares: this.#shares });
    this.#members = new Members(options, {
      onReady: (member, functions) => this.#onReady(member, functions),
      onFree: (member) => this.#onFree(member),
      onLeft: (attempt) => this.#onLeft(attempt),
      onWaited: () => this.#breadth.waited(),
      onEnding: () => this.#serve(),
      onNotBegun: (attempt) => this.#wait(attempt),
      onStray: options.warn,
      onGone: (member, startFailure) => this.#onGone(member, startFailure),
    });
    this.#asAttemptHolder = { abortAttempt: (attempt) => this.#drop(attempt) };
  }

  /** Lets the tasks of one more topic run here, until that stops its share. The last that stops ends the pool. */
  share(options: ShareOptions): Executor {
    const share = new PoolShare(options, {
      holder: this.#asAttemptHolder,
      describe: () => this.#describe(),
      run: (attempt) => this.#run(attempt),
      drop: (attempt) => this.#drop(attempt),
      leave: () => this.#leave(share),
    });
    this.#shares.add(share);
    return share;
  }

  /** Whether it takes nobody in any more. */
  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Starts the first member, unless it is there. */
  #describe(): Promise<readonly FunctionDescription[]> {
    if (this.#stopping !== undefined) return Promise.reject(stopped());
    const { functions } = this.#description;
    if (functions !== undefined && !this.#shortage.cannotStart) {
      return Promise.resolve(this.#shortage.withoutMissing(functions));
    }
    // Where no member can be started, nobody waits any more once this has grown.
    const described = this.#description.next();
    this.#grow();
    return described;
  }

  #run(attempt: PooledAttempt): void {
    const isNext = this.#waiting.isEmpty && attempt.share.hasRoom && this.#breadth.hasRoom;
    const member = isNext ? this.#idle.pop() : undefined;
    if (member === undefined) this.#wait(attempt);
    else if (this.#refuses(member, attempt)) this.#idle.push(member);
    else this.#runIn(member, attempt);
  }

  async #leave(share: PoolShare): Promise<void> {
    this.#shares.delete(share);
    if (this.#shares.size === 0) await this.#stop();
  }

  #stop(): Promise<void> {
    this.#stopping = Promise.withResolvers();
    this.#breadth.stop();
    this.#description.fail(stopped());
    this.#members.stop();
    this.#idle.clear();
    if (this.#members.isEmpty) this.#stopping.resolve();
    return this.#stopping.promise;
  }

  /** A member that has loaded the tasks module anew may lack a function of those before. */
  #refuses(member: Member, attempt: PooledAttempt): boolean {
    const lacks = this.#shortage.lacks(member.functions, attempt.request.function);
    if (lacks) attempt.settle({ kind: "blameless" });
    return lacks;
  }

  #runIn(member: Member, attempt: PooledAttempt): void {
    attempt.share.running += 1;
    this.#breadth.began();
    member.run(attempt);
    if (this.#options.spares > 0 && this.#idle.isEmpty) this.#grow();
  }

  #wait(attempt: PooledAttempt): void {
    attempt.holder = this.#asAttemptHolder;
    this.#waiting.add(attempt);
    attempt.request.onWait();
    if (attempt.share.isStopped || this.#shortage.cannotStart) return this.#drop(attempt);
    this.#serve();
  }

  /** Lets what waits run, as far as that is worth it. */
  #serve(): void {
    if (this.#waiting.isEmpty) return;
    this.#feed();
    this.#grow();
    if (!this.#waiting.isEmpty) this.#breadth.held();
  }

  /** Lets idle members run what waits. */
  #feed(): void {
    while (!this.#waiting.isEmpty && this.#breadth.hasRoom) {
      const member = this.#idle.pop();
      if (member === undefined) return;
      const attempt = this.#nextWaitingFor(member);
      if (attempt === undefined) return this.#idle.push(member);
      this.#runIn(member, attempt);
    }
  }

  /** An attempt that has not begun ends at once. */
  #drop(attempt: PooledAttempt): void {
    this.#waiting.delete(attempt);
    attempt.settle({ kind: "blameless" });
  }

  #nextWaitingFor(member: Member): PooledAttempt | undefined {
    for (;;) {
      const attempt = this.#waiting.take();
      if (attempt === undefined || !this.#refuses(member, attempt)) return attempt;
    }
  }

  /** Starts as many members as are wanted and allowed. */
  #grow(): void {
    if (this.#members.isPaused || this.#stopping !== undefined) return;
    const { starting, staying } = this.#members.count();
    const { spares } = this.#options;
    const maxSize = sizeOf(this.#shares);
    const wantedSpares = this.#idle.isEmpty && staying > 0 ? spares : 0;
    const { cannotStart } = this.#shortage;
    const useful = Math.min(this.#waiting.size, this.#breadth.roomBeside(staying - starting));
    // One member is always ahead of the demand.
    const wanted = Math.max(useful + wantedSpares, staying === 0 || cannotStart ? 1 : 0);
    const mayStart = Math.min(wanted, cannotStart ? 1 : availableParallelism()) - starting;
    const failure = this.#members.start(Math.min(mayStart, maxSize + spares - staying));
    if (failure !== undefined) this.#onStartFailed(failure);
  }

  #onReady(member: Member, functions: readonly FunctionDescription[]): void {
    this.#shortage.started(functions);
    this.#description.tell(functions, (first) => this.#shortage.withoutMissing(first));
    this.#onFree(member);
    // Only so many start at once: what still waits may be the next one's.
    this.#serve();
  }

  #onFree(member: Member): void {
    const attempt = this.#breadth.hasRoom ? this.#nextWaitingFor(member) : undefined;
    if (attempt !== undefined) return this.#runIn(member, attempt);
    if (this.#stopping !== undefined) return member.leave();
    this.#idle.push(member);
    if (!this.#waiting.isEmpty) this.#breadth.held();
  }

  /** An attempt does not run any more, or its member is being killed: there is room for another. */
  #onLeft(attempt: PooledAttempt): void {
    attempt.share.running -= 1;
    this.#breadth.ended();
  }

  #onGone(member: Member, startFailure: FailureReason | undefined): void {
    this.#members.remove(member);
    this.#idle.remove(member);
    if (this.#stopping !== undefined) {
      if (this.#members.isEmpty) this.#stopping.resolve();
    } else if (startFailure !== undefined) {
      this.#onStartFailed(startFailure);
    } else if (member.served) {
      this.#serve();
      this.#grow();
    } else {
      this.#delayStarts();
    }
  }

  /** Whoever asked for the functions learns of it. No task is to blame: what waits is left to others. */
  #onStartFailed(failure: FailureReason): void {
    // Of several that were started at once one counts.
    const isCounted = this.#shortage.cannotStart && this.#members.isPaused;
    if (!this.#description.isAwaited && !isCounted) this.#shortage.startFailed(failure);
    this.#description.fail(importFailed(failure));
    for (const attempt of this.#waiting) this.#drop(attempt);
    this.#delayStarts();
  }

  /** After a member that was of no use, so that a broken module does not keep the machine busy. */
  #delayStarts(): void {
    this.#members.pause(this.#shortage.retryDelayMs, () => {
      if (!this.#waiting.isEmpty || this.#description.isAwaited || this.#shortage.cannotStart) this.#grow();
    });
  }
}

/** As many members as its topics may have running together. */
function sizeOf(shares: Iterable<PoolShare>): number {
  let sum = 0;
  for (const { maxSize } of shares) sum += maxSize;
  return sum;
}
