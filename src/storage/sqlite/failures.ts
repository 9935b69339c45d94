import type { FailureReason } from "../../core/failure.ts";
import type { TurnContext } from "./turn-context.ts";

/** Adds a failed attempt to what is kept with its task. */
export function recordFailure(
  { statements, now }: TurnContext,
  { task, attempt, failure }: { readonly task: number; readonly attempt: number; readonly failure: FailureReason },
): void {
  statements.failures.insert.run(task, attempt, now, failure.code, failure.message, failure.stack ?? null);
}
