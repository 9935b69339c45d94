import type { AbortReason } from "./port.ts";

const MESSAGES: Readonly<Record<AbortReason, string>> = {
  abort: "The task was aborted.",
  timeout: "The attempt ran longer than its timeout.",
  shutdown: "The worker is stopping; the task is run again later.",
  lease_lost: "The worker lost its lease; another one runs the task.",
};

/** The reason of an attempt's signal. Named and coded as Node's own `AbortError`, so that `catch` clauses know it. */
export class AttemptAbortError extends Error {
  override readonly name: string = "AbortError";
  readonly code: string = "ABORT_ERR";
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super(MESSAGES[reason]);
    this.reason = reason;
  }
}
