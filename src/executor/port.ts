import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/policy.ts";

/**
 * Runs the handlers of one queue, in one isolation. The Engine decides when an attempt is aborted; the executor knows
 * how: asked first, killed after a grace period.
 */
export interface Executor {
  /**
   * Imports the tasks and tells what they offer. Rejects with the cause when they cannot be imported. `namesOnly`: none
   * of them is to be run, so that they need not be imported wherever one of them runs.
   */
  describe(namesOnly?: boolean): Promise<readonly FunctionDescription[]>;
  /** Starts an attempt. Never throws: what goes wrong is the attempt's outcome. */
  run(request: RunRequest): RunningAttempt;
  /** Lets everything go that runs no attempt now, and the rest once its attempt is over. Resolves when nothing is left. */
  stop(): Promise<void>;
}

export interface RunRequest {
  readonly taskId: string;
  readonly topic: string;
  readonly function: string;
  /** The arguments as text: JSON, or packed where the task is kept in memory alone. */
  readonly args: string;
  readonly attempt: number;
  /** A result or progress value whose JSON is longer, in bytes of UTF-8, is dropped with a warning. */
  readonly maxPayloadBytes: number;
  /** How large the process of the attempt may become. */
  readonly maxMemoryBytes?: number;
  /** Gets progress values as JSON, in their order; one that is followed by another at once may be left out. */
  readonly onProgress: (progress: string) => void;
  readonly onLog: (message: string, fields: unknown) => void;
  /** The attempt goes on, but not as its author will expect: a value was dropped, a signal ignored. */
  readonly onWarning: (code: WarningCode, message: string) => void;
}

export interface RunningAttempt {
  /**
   * Resolves, and never rejects, when the attempt can have no further effect: it settled by itself, or its process is
   * gone. After `abort` in a process, always once the process is gone.
   */
  readonly outcome: Promise<AttemptOutcome>;
  /** Asks the handler to stop through its signal, and kills it after `graceMs`. Only the first call counts. */
  abort(reason: AbortReason, graceMs: number): void;
}

/** Why an attempt is stopped; its signal's reason is an `AbortError` that says so. */
export type AbortReason = "abort" | "timeout" | "shutdown" | "lease_lost";

export type AttemptOutcome =
  | { readonly kind: "finished"; readonly result?: string }
  | { readonly kind: "failed"; readonly failure: FailureReason }
  /** It did not obey its signal within the grace and was killed. */
  | { readonly kind: "killed" }
  /** It did not obey its signal within the grace and cannot be killed: it may go on, unheard. */
  | { readonly kind: "abandoned" };
