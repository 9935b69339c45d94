import type { RunData } from "./messages.ts";
import type { AbortReason, AttemptOutcome, RunningAttempt, RunRequest } from "./port.ts";

/** Whoever has an attempt now: the pool while it waits, then a child. */
export interface AttemptHolder {
  abortAttempt(attempt: PooledAttempt, reason: AbortReason, graceMs: number): void;
}

/** An attempt on its way through a pool. */
export class PooledAttempt implements RunningAttempt {
  readonly request: RunRequest;
  readonly outcome: Promise<AttemptOutcome>;
  holder: AttemptHolder;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #over = false;

  constructor(request: RunRequest, holder: AttemptHolder) {
    this.request = request;
    this.holder = holder;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
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
  }
}
