import { deserialize, serialize } from "node:v8";
import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/policy.ts";
import type { CallOutcome } from "./handler-call.ts";
import type { AbortReason, RunRequest } from "./port.ts";

/** The part of a request that is plain data. */
export type RunData = Pick<RunRequest, "taskId" | "topic" | "function" | "args" | "attempt" | "maxPayloadBytes">;

/** What the pool tells a child. `run` numbers the attempts of one child. */
export type MessageToChild =
  | { readonly kind: "run"; readonly run: number; readonly data: RunData }
  | { readonly kind: "abort"; readonly run: number; readonly reason: AbortReason }
  /** There is nothing more to do: exit, so that `exit` handlers run. */
  | { readonly kind: "leave" };

/** What a child tells the pool. */
export type MessageFromChild =
  | { readonly kind: "ready"; readonly functions: readonly FunctionDescription[] }
  | { readonly kind: "import_failed"; readonly failure: FailureReason }
  | { readonly kind: "progress"; readonly run: number; readonly progress: string }
  | { readonly kind: "log"; readonly run: number; readonly message: string; readonly fields?: string | undefined }
  | { readonly kind: "warning"; readonly run: number; readonly code: WarningCode; readonly message: string }
  | { readonly kind: "settled"; readonly run: number; readonly outcome: CallOutcome }
  /** An error that nobody caught; `run` is the attempt that goes with it, if one was running. The child takes no more. */
  | { readonly kind: "crashed"; readonly run?: number | undefined; readonly failure: FailureReason }
  /** An error that nobody caught, and that goes with no attempt that is still running. */
  | { readonly kind: "stray"; readonly message: string };

/** A log's fields may be more than JSON carries, so they travel as bytes, in text. */
export function packFields(fields: unknown): string | undefined {
  return fields === undefined ? undefined : serialize(fields).toString("base64");
}

/** The opposite of {@link packFields}. */
export function unpackFields(packed: string | undefined): unknown {
  return packed === undefined ? undefined : (deserialize(Buffer.from(packed, "base64")) as unknown);
}
