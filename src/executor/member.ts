import { assertNever } from "../core/errors.ts";
import type { Clock, Timer } from "../core/clock.ts";
import type { FailureReason } from "../core/failure.ts";
import type { Body, StartBody } from "./body.ts";
import { KillLadder } from "./kill-ladder.ts";
import type { MemberOwner } from "./member-owner.ts";
import type { MessageFromMember } from "./messages.ts";
import type { AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { AbortReason, AttemptOutcome, RunRequest } from "./port.ts";

type MemberState =
  | { readonly kind: "starting" }
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly attempt: PooledAttempt; readonly aborted: boolean }
  /** It is on its way out; `attempt` gets `outcome` once it is gone. */
  | {
      readonly kind: "ending";
      readonly attempt?: PooledAttempt;
      readonly outcome?: AttemptOutcome;
      readonly failure?: FailureReason;
    }
  | { readonly kind: "gone" };

/** How long a member may take to import the tasks: one that waits for ever would be waited for, for ever and in silence. */
const LOAD_LIMIT_MS = 60_000;

/** How long a member that was asked to leave may take for its `exit` handlers. */
const LEAVE_GRACE_MS = 500;

const NOT_LOADED: FailureReason = {
  code: "TASK_FAILED",
  message:
    `The tasks module has not been loaded within ${LOAD_LIMIT_MS / 1_000} s. ` +
    "Let it wait for nothing outside its functions.",
};

/** One process or thread of a pool, from its start to its end. It runs one attempt at a time. */
export class Member implements AttemptHolder {
  readonly #owner: MemberOwner<Member>;
  readonly #body: Body;
  readonly #ladder: KillLadder;
  readonly #loadLimit: Timer;
  #state: MemberState = { kind: "starting" };
  /** Counts the attempts; a message with another number is of one that is over. */
  #run = 0;
  /** Something of an earlier attempt is left in it, which goes on or takes up memory: it takes no other. */
  #tainted = false;
  #letGo = false;
  #functions: ReadonlySet<string> = new Set();

  /** @throws Error when the system starts no process or thread. */
  constructor(start: StartBody, clock: Clock, owner: MemberOwner<Member>) {
    this.#owner = owner;
    this.#body = start({
      onMessage: (message) => this.#receive(message),
      onExit: () => this.#ladder.finish(),
      onGone: (failure) => this.#finish(failure),
    });
    this.#ladder = new KillLadder(() => this.#body.kill(), clock);
    this.#loadLimit = clock.setTimer(LOAD_LIMIT_MS, () => this.#onLoadOverdue());
  }

  get id(): number {
    return this.#body.id;
  }

  /** Whether it has not imported the tasks yet. */
  get starting(): boolean {
    return this.#state.kind === "starting";
  }

  /** Whether it may run attempts, now or later. */
  get staying(): boolean {
    return this.#state.kind !== "ending" && this.#state.kind !== "gone";
  }

  /** Whether an attempt runs in it that has not been killed. */
  get running(): boolean {
    return this.#state.kind === "running";
  }

  /** Whether it may be given an attempt now. */
  get free(): boolean {
    return this.#state.kind === "idle" && !this.#body.exited;
  }

  /** Whether it was of use: it ran an attempt, or lived until it was let go. */
  get served(): boolean {
    return this.#run > 0 || this.#letGo;
  }

  /** The names of the functions that it has loaded. */
  get functions(): ReadonlySet<string> {
    return this.#functions;
  }

  /** Only when it is free. */
  run(attempt: PooledAttempt): void {
    attempt.holder = this;
    this.#state = { kind: "running", attempt, aborted: false };
    this.#run += 1;
    this.#body.send({ kind: "run", run: this.#run, data: attempt.data });
    attempt.request.onBegin();
  }

  abortAttempt(attempt: PooledAttempt, reason: AbortReason, graceMs: number): void {
    if (this.#state.kind !== "running") return;
    this.#state = { kind: "running", attempt, aborted: true };
    const ask = (): void => this.#body.send({ kind: "abort", run: this.#run, reason });
    this.#ladder.ask(ask, graceMs, () => this.#end({ kind: "ending", attempt, outcome: { kind: "killed" } }));
  }

  /** Lets a member go that runs no attempt. */
  leave(): void {
    if (!this.staying) return;
    this.#letGo = true;
    const hasLoaded = !this.starting;
    this.#state = { kind: "ending" };
    if (!hasLoaded) return this.#ladder.kill();
    this.#ladder.ask(
      () => this.#body.send({ kind: "leave" }),
      LEAVE_GRACE_MS,
      () => this.#ladder.kill(),
    );
  }

  #receive(message: MessageFromMember): void {
    switch (message.kind) {
      case "ready":
        if (!this.starting || this.#body.exited) return;
        this.#loadLimit.cancel();
        this.#state = { kind: "idle" };
        this.#functions = new Set(message.functions.map(({ name }) => name));
        return this.#owner.onReady(this, message.functions);
      case "import_failed":
        if (this.starting) this.#end({ kind: "ending", failure: message.failure });
        return;
      case "progress":
        return this.#requestOf(message.run)?.onProgress(message.progress);
      case "log":
        return this.#requestOf(message.run)?.onLog(message.message, message.fields);
      case "warning":
        return this.#requestOf(message.run)?.onWarning(message.code, message.message);
      case "settled":
        this.#tainted ||= message.swollen === true;
        if (message.waited === true) this.#owner.onWaited();
        return this.#onSettled(message.run, message.outcome);
      case "declined":
        return this.#onDeclined(message.run);
      case "crashed":
        return this.#onCrashed(message.run, { kind: "failed", failure: message.failure });
      case "stray":
        this.#tainted = true;
        return this.#owner.onStray("STRAY_REJECTION", message.message);
      case "strayExit":
        this.#owner.onStray("STRAY_EXIT", message.message);
        return this.#onCrashed(message.run, { kind: "blameless" });
      default:
        return assertNever(message);
    }
  }

  #requestOf(run: number): RunRequest | undefined {
    return this.#state.kind === "running" && run === this.#run ? this.#state.attempt.request : undefined;
  }

  #onSettled(run: number, outcome: AttemptOutcome): void {
    // It came to its end in the moment in which its grace did.
    if (this.#state.kind === "ending" && this.#state.outcome?.kind === "killed" && run === this.#run) {
      this.#state = { ...this.#state, outcome };
      return;
    }
    if (this.#state.kind !== "running" || run !== this.#run) return;
    const { attempt, aborted } = this.#state;
    // After its exit there are only last words.
    if (aborted || this.#body.exited) return this.#end({ kind: "ending", attempt, outcome });
    this.#become({ kind: "idle" });
    attempt.settle(outcome);
    if (!this.#tainted) return this.#owner.onFree(this);
    this.leave();
    this.#owner.onEnding();
  }

  #onDeclined(run: number): void {
    if (this.#state.kind !== "running" || run !== this.#run) return;
    const { attempt, aborted } = this.#state;
    if (aborted || this.#body.exited) {
      this.#end({ kind: "ending" });
    } else {
      this.#become({ kind: "idle" });
      this.leave();
    }
    this.#passOn(attempt, aborted);
  }

  /** The member ends; `outcome` is that of the attempt which it says it was running. */
  #onCrashed(run: number | undefined, outcome: AttemptOutcome): void {
    if (this.#state.kind === "idle") return this.#end({ kind: "ending" });
    if (this.#state.kind !== "running") return;
    const { attempt, aborted } = this.#state;
    if (run === this.#run) return this.#end({ kind: "ending", attempt, outcome });
    // It ended before our message came.
    this.#end({ kind: "ending" });
    this.#passOn(attempt, aborted);
  }

  /** Gives up an attempt that has not begun here. */
  #passOn(attempt: PooledAttempt, aborted: boolean): void {
    if (aborted) attempt.settle({ kind: "blameless" });
    else this.#owner.onNotBegun(attempt);
  }

  #onLoadOverdue(): void {
    if (this.starting) this.#end({ kind: "ending", failure: NOT_LOADED });
  }

  #end(ending: Extract<MemberState, { kind: "ending" }>): void {
    const wasRunning = this.running;
    this.#become(ending);
    this.#ladder.kill();
    if (wasRunning) this.#owner.onEnding();
  }

  #become(next: Exclude<MemberState, { kind: "running" }>): void {
    const before = this.#state;
    this.#state = next;
    if (before.kind === "running") this.#owner.onLeft(before.attempt);
  }

  #finish(failure: FailureReason): void {
    const state = this.#state;
    this.#become({ kind: "gone" });
    this.#loadLimit.cancel();
    if (state.kind === "running") state.attempt.settle({ kind: "failed", failure });
    if (state.kind === "ending") state.attempt?.settle(state.outcome ?? { kind: "failed", failure });
    this.#owner.onGone(this, state.kind === "starting" ? failure : state.kind === "ending" ? state.failure : undefined);
  }
}
