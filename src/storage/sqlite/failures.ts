import { FIRST_FAILURES_KEPT, type FailureReason, LAST_FAILURES_KEPT } from "../../core/failure.ts";
import { number } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

/** Adds a failed attempt to what is kept with its task: of many, the first and the last. */
export function recordFailure(
  { statements, now }: TurnContext,
  { task, attempt, failure }: { readonly task: number; readonly attempt: number; readonly failure: FailureReason },
): void {
  const { failures } = statements;
  failures.insert.run(task, attempt, now, failure.code, failure.message, failure.stack ?? null);
  const count = number(failures.count.get(task) ?? {}, "failure_count");
  if (count > FIRST_FAILURES_KEPT + LAST_FAILURES_KEPT) failures.removeNth.run(task, FIRST_FAILURES_KEPT);
}
