import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { LogBudget } from "./log-budget.ts";

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

export interface RunRequest extends RunHooks {
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
  /** The handler begins: it is called, or handed to a process or thread that is free to call it. */
  readonly onBegin: () => void;
  /** The attempt waits for a process or thread, maybe once more: its handler has not begun. */
  readonly onWait: () => void;
}

/** What an attempt and those who run it tell each other meanwhile. */
export interface RunHooks {
  /** Gets progress values as JSON, in their order; one that is followed by another at once may be left out. */
  readonly onProgress: (progress: string) => void;
  readonly onLog: (message: string, fields: unknown) => void;
  /** The attempt goes on, but not as its author will expect: a value was dropped, a signal ignored. */
  readonly onWarning: (code: WarningCode, message: string) => void;
  /** How much it may log; without one as much as it likes. */
  readonly logBudget?: LogBudget;
  /** Why it is to stop, as soon as that is known in memory that threads share: its own event loop may be busy. */
  readonly abortRaised?: () => AbortReason | undefined;
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
  | { readonly kind: "abandoned" }
  /** Its handler did not begin, or was ended by what another task had left behind. The task is not to blame. */
  | { readonly kind: "blameless" };

/** Functions that cannot be run for now, for a reason that lies with no task. */
export interface Unavailable {
  /** Whether no process or thread can be started. The executor tries again until one can. */
  readonly cannotStart: boolean;
  readonly functions: ReadonlySet<string>;
}

/** Told whenever what is unavailable changes, before the attempts that it concerns are over. */
export type TellUnavailable = (unavailable: Unavailable) => void;
