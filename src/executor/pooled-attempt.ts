import type { RunData } from "./messages.ts";
import type { AbortReason, AttemptOutcome, RunningAttempt, RunRequest } from "./port.ts";

/** Whoever has an attempt now: the pool while it waits, then a member. */
export interface AttemptHolder {
  abortAttempt(attempt: PooledAttempt, reason: AbortReason, graceMs: number): void;
}

/** The part in the pool that the attempt's topic has. */
export interface AttemptShare {
  /** How many of its attempts run in members that are not being killed. */
  running: number;
  /** Whether one more of its attempts may run. */
  readonly hasRoom: boolean;
  readonly isStopped: boolean;
  /** An attempt can have no further effect. */
  over(attempt: PooledAttempt): void;
}

/** An attempt on its way through a pool. */
export class PooledAttempt implements RunningAttempt {
  readonly request: RunRequest;
  readonly share: AttemptShare;
  readonly outcome: Promise<AttemptOutcome>;
  holder: AttemptHolder;
  readonly #pool: AttemptHolder;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #over = false;

  constructor(request: RunRequest, share: AttemptShare, pool: AttemptHolder) {
    this.request = request;
    this.share = share;
    this.holder = pool;
    this.#pool = pool;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether no member has it. */
  get isWaiting(): boolean {
    return this.holder === this.#pool;
  }

  /** What a member is told of it. */
  get data(): RunData {
    const { taskId, topic, function: name, args, attempt, maxPayloadBytes, maxMemoryBytes } = this.request;
    const data = { taskId, topic, function: name, args, attempt, maxPayloadBytes };
    return maxMemoryBytes === undefined ? data : { ...data, maxMemoryBytes };
  }

  abort(reason: AbortReason, graceMs: number): void {
    if (this.#over) return;
    this.#over = true;
    this.holder.abortAttempt(this, reason, graceMs);
  }

  settle(outcome: AttemptOutcome): void {
    this.#over = true;
    this.#resolve(outcome);
    this.share.over(this);
  }
}
