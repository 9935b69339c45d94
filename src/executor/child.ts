import { assertNever } from "../core/assert-never.ts";
import type { Clock } from "../core/clock.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/policy.ts";
import { Channel } from "./channel.ts";
import { failureOf, type ProcessExit } from "./child-end.ts";
import { Departure } from "./departure.ts";
import { KillLadder } from "./kill-ladder.ts";
import { type MessageFromChild, type MessageToChild, unpackFields } from "./messages.ts";
import type { AttemptHolder, PooledAttempt } from "./pooled-attempt.ts";
import type { AbortReason, AttemptOutcome, RunRequest } from "./port.ts";
import { spawnChild, type SpawnedChild, type SpawnOptions } from "./spawn-child.ts";

/** What a child tells its pool. */
export interface ChildOwner {
  /** The tasks module is imported; the child is free. */
  onReady(child: Child, functions: readonly FunctionDescription[]): void;
  /** The child's attempt is over, and it may take another. */
  onFree(child: Child): void;
  /** The child dies, but had not begun this attempt: another one may run it. */
  onNotBegun(attempt: PooledAttempt): void;
  /** An error of an attempt that is over. */
  onStray(message: string): void;
  /** Nothing of the child is left. `startFailure`: it could not import the tasks. */
  onGone(child: Child, startFailure: FailureReason | undefined): void;
}

type ChildState =
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

/** How long a child that was asked to leave may take for its `exit` handlers. */
const LEAVE_GRACE_MS = 500;

/** One child process, from its start to its end. It runs one attempt at a time. */
export class Child implements AttemptHolder {
  readonly pid: number;
  readonly #owner: ChildOwner;
  readonly #spawned: SpawnedChild;
  readonly #channel: Channel<MessageFromChild, MessageToChild>;
  readonly #ladder: KillLadder;
  readonly #departure: Departure;
  #state: ChildState = { kind: "starting" };
  /** Counts the attempts; a message with another number is of one that is over. */
  #run = 0;
  /** Something of an earlier attempt still goes on in it: it takes no other. */
  #tainted = false;
  #letGo = false;

  /** @throws Error when the system starts no process. */
  constructor(options: SpawnOptions, clock: Clock, owner: ChildOwner) {
    this.#owner = owner;
    this.#spawned = spawnChild(options);
    this.pid = this.#spawned.pid;
    this.#ladder = new KillLadder(this.pid, clock);
    this.#channel = new Channel(this.#spawned.channel, {
      onMessage: (message) => this.#receive(message),
      onEnd: () => this.#departure.onChannelEnd(),
    });
    this.#departure = new Departure(clock, {
      onExitOverdue: () => this.#ladder.kill(),
      onChannelOverdue: () => this.#channel.close(),
      onComplete: (exit) => this.#finish(exit),
    });
    this.#spawned.process.once("exit", (exitCode, signal) => this.#onExit(exitCode, signal));
  }

  /** Whether it has not imported the tasks yet. */
  get starting(): boolean {
    return this.#state.kind === "starting";
  }

  /** Whether it may run attempts, now or later. */
  get staying(): boolean {
    return this.#state.kind !== "ending" && this.#state.kind !== "gone";
  }

  /** Whether it may be given an attempt now. */
  get free(): boolean {
    return this.#state.kind === "idle" && !this.#departure.exited;
  }

  /** Whether it was of use: it ran an attempt, or lived until it was let go. */
  get served(): boolean {
    return this.#run > 0 || this.#letGo;
  }

  /** Only when it is free. */
  run(attempt: PooledAttempt): void {
    const { taskId, topic, function: name, args, attempt: number, maxPayloadBytes } = attempt.request;
    attempt.holder = this;
    this.#state = { kind: "running", attempt, aborted: false };
    this.#run += 1;
    const data = { taskId, topic, function: name, args, attempt: number, maxPayloadBytes };
    this.#channel.send({ kind: "run", run: this.#run, data });
  }

  abortAttempt(attempt: PooledAttempt, reason: AbortReason, graceMs: number): void {
    if (this.#state.kind !== "running") return;
    this.#state = { kind: "running", attempt, aborted: true };
    const ask = (): void => this.#channel.send({ kind: "abort", run: this.#run, reason });
    this.#ladder.ask(ask, graceMs, () => this.#end({ kind: "ending", attempt, outcome: { kind: "killed" } }));
  }

  /** Lets a child go that runs no attempt. */
  leave(): void {
    if (!this.staying) return;
    this.#letGo = true;
    const hasLoaded = !this.starting;
    this.#state = { kind: "ending" };
    if (!hasLoaded) return this.#ladder.kill();
    this.#ladder.ask(
      () => this.#channel.send({ kind: "leave" }),
      LEAVE_GRACE_MS,
      () => this.#ladder.kill(),
    );
  }

  #receive(message: MessageFromChild): void {
    switch (message.kind) {
      case "ready":
        if (!this.starting || this.#departure.exited) return;
        this.#state = { kind: "idle" };
        return this.#owner.onReady(this, message.functions);
      case "import_failed":
        if (this.starting) this.#end({ kind: "ending", failure: message.failure });
        return;
      case "progress":
        return this.#requestOf(message.run)?.onProgress(message.progress);
      case "log":
        return this.#requestOf(message.run)?.onLog(message.message, unpackFields(message.fields));
      case "warning":
        return this.#requestOf(message.run)?.onWarning(message.code, message.message);
      case "settled":
        return this.#onSettled(message.run, message.outcome);
      case "crashed":
        return this.#onCrashed(message.run, message.failure);
      case "stray":
        this.#tainted = true;
        return this.#owner.onStray(message.message);
      default:
        return assertNever(message);
    }
  }

  #requestOf(run: number): RunRequest | undefined {
    return this.#state.kind === "running" && run === this.#run ? this.#state.attempt.request : undefined;
  }

  #onSettled(run: number, outcome: AttemptOutcome): void {
    if (this.#state.kind !== "running" || run !== this.#run) return;
    const { attempt, aborted } = this.#state;
    // After its exit there are only last words.
    if (aborted || this.#departure.exited) return this.#end({ kind: "ending", attempt, outcome });
    this.#state = { kind: "idle" };
    attempt.settle(outcome);
    if (this.#tainted) this.leave();
    else this.#owner.onFree(this);
  }

  #onCrashed(run: number | undefined, failure: FailureReason): void {
    if (this.#state.kind === "idle") return this.#end({ kind: "ending" });
    if (this.#state.kind !== "running") return;
    const { attempt, aborted } = this.#state;
    if (run === this.#run) return this.#end({ kind: "ending", attempt, outcome: { kind: "failed", failure } });
    // It crashed before our message came.
    this.#end({ kind: "ending" });
    if (aborted) attempt.settle({ kind: "killed" });
    else this.#owner.onNotBegun(attempt);
  }

  #end(ending: Extract<ChildState, { kind: "ending" }>): void {
    this.#state = ending;
    this.#ladder.kill();
  }

  #onExit(exitCode: number | null, signal: NodeJS.Signals | null): void {
    this.#ladder.finish();
    this.#departure.onExit({ exitCode, signal });
  }

  #finish(exit: ProcessExit): void {
    const state = this.#state;
    this.#state = { kind: "gone" };
    this.#spawned.lifeline.destroy();
    const failure = failureOf(exit, this.#spawned.report.close());
    if (state.kind === "running") state.attempt.settle({ kind: "failed", failure });
    if (state.kind === "ending") state.attempt?.settle(state.outcome ?? { kind: "failed", failure });
    this.#owner.onGone(this, state.kind === "starting" ? failure : state.kind === "ending" ? state.failure : undefined);
  }
}
