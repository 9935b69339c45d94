import type { DatabaseLocation } from "../../core/database-url.ts";
import type { Durability } from "../../core/options/types.ts";
import type { Stage3Event, Stage3EventName, WarningCode } from "../../core/events.ts";
import type { FunctionDescription } from "../../core/options/settings.ts";
import type { AbortReason, AttemptOutcome, RunHooks, RunRequest } from "../../executor/port.ts";
import type { EngineSettings } from "../ports.ts";
import type { PlainError } from "./plain-error.ts";
import type { Call } from "./remote-calls.ts";

/** What the Engine's thread is started with. */
export interface HostData {
  readonly settings: EngineSettings;
  readonly database: DatabaseLocation;
  readonly durability: Durability;
  /** The pids of the children that run, shared with the main thread, which kills them when this thread dies. */
  readonly children: SharedArrayBuffer;
  /** Which inline handlers are to stop, for those that keep the application's loop busy: see `AbortFlags`. */
  readonly aborts: SharedArrayBuffer;
  /** The application's own flags. */
  readonly execArgv: readonly string[];
  /** The tasks module that the application itself was started to run, if it is a child or thread of a queue. */
  readonly servedModule: string | undefined;
}

/** From the application's thread to the Engine's. */
export type ToHost =
  | { readonly kind: "call"; readonly number: number; readonly call: Call }
  /** Nobody waits for the answer to that call any more. */
  | { readonly kind: "cancel"; readonly number: number }
  /** The events that somebody listens to; the others stay in the Engine's thread. */
  | { readonly kind: "listen"; readonly names: readonly Stage3EventName[] }
  | { readonly kind: "inlineDescribed"; readonly topic: string; readonly functions: readonly FunctionDescription[] }
  | { readonly kind: "inlineFailed"; readonly topic: string; readonly error: PlainError }
  | { readonly kind: "inlineBegan"; readonly run: number }
  | { readonly kind: "inlineProgress"; readonly run: number; readonly progress: string }
  | { readonly kind: "inlineLog"; readonly run: number; readonly message: string; readonly fields: unknown }
  | { readonly kind: "inlineWarning"; readonly run: number; readonly code: WarningCode; readonly message: string }
  | { readonly kind: "inlineOutcome"; readonly run: number; readonly outcome: AttemptOutcome };

/** From the Engine's thread to the application's. */
export type FromHost =
  | { readonly kind: "opened" }
  | { readonly kind: "notOpened"; readonly error: PlainError }
  | { readonly kind: "answer"; readonly number: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly number: number; readonly error: PlainError }
  | { readonly kind: "event"; readonly event: Stage3Event }
  | { readonly kind: "inlineDescribe"; readonly topic: string }
  | { readonly kind: "inlineRun"; readonly run: number; readonly request: InlineRequest }
  | { readonly kind: "inlineAbort"; readonly run: number; readonly reason: AbortReason; readonly graceMs: number };

/** A run request without its callbacks, which become messages. */
export type InlineRequest = Omit<RunRequest, keyof RunHooks | "onBegin" | "onWait">;
