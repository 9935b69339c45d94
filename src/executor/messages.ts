import { serialize } from "node:v8";
import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { CallOutcome } from "./handler-call.ts";
import type { AbortReason, RunHooks, RunRequest } from "./port.ts";

/** The part of a request that is plain data. */
export type RunData = Omit<RunRequest, keyof RunHooks | "onBegin" | "onWait">;

/** What the pool tells a member. `run` numbers the attempts of one member. */
export type MessageToMember =
  | { readonly kind: "run"; readonly run: number; readonly data: RunData }
  | { readonly kind: "abort"; readonly run: number; readonly reason: AbortReason }
  /** There is nothing more to do: exit, so that `exit` handlers run. */
  | { readonly kind: "leave" };

/** What a member tells the pool. */
export type MessageFromMember =
  | { readonly kind: "ready"; readonly functions: readonly FunctionDescription[] }
  | { readonly kind: "import_failed"; readonly failure: FailureReason }
  | { readonly kind: "progress"; readonly run: number; readonly progress: string }
  | LogMessage<unknown>
  | { readonly kind: "warning"; readonly run: number; readonly code: WarningCode; readonly message: string }
  /**
   * `swollen`: the attempt has left the member larger than it may be, so that it takes no other. `waited`: it let the
   * member stand idle, waiting for something, while others could have run.
   */
  | {
      readonly kind: "settled";
      readonly run: number;
      readonly outcome: CallOutcome;
      readonly swollen?: true;
      readonly waited?: true;
    }
  /** The member is larger, because of what ran in it before, than this attempt may let it be. It has not begun it. */
  | { readonly kind: "declined"; readonly run: number }
  /** An error that nobody caught; `run` is the attempt that goes with it, if one was running. The member takes no more. */
  | { readonly kind: "crashed"; readonly run?: number | undefined; readonly failure: FailureReason }
  /** An error that nobody caught, and that goes with no attempt that is still running. */
  | { readonly kind: "stray"; readonly message: string }
  /** An attempt that is over has left something behind that ends the member. `run`: the attempt that runs, if one does. */
  | { readonly kind: "strayExit"; readonly run?: number | undefined; readonly message: string };

interface LogMessage<Fields> {
  readonly kind: "log";
  readonly run: number;
  readonly message: string;
  readonly fields?: Fields;
}

/** A message of a process as its channel carries it: as JSON. */
export type PackedMessage = Exclude<MessageFromMember, LogMessage<unknown>> | LogMessage<string>;

/** A log's fields may be more than JSON carries, so they travel as bytes, in text. */
export function pack(message: MessageFromMember): PackedMessage {
  if (message.kind !== "log") return message;
  const { fields, ...log } = message;
  return fields === undefined ? log : { ...log, fields: serialize(fields).toString("base64") };
}
