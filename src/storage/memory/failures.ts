import { FIRST_FAILURES_KEPT, type FailureReason, LAST_FAILURES_KEPT } from "../../core/failure.ts";
import type { TaskRecord } from "./task-record.ts";

/** Adds a failed attempt to what is kept with its task: of many, the first and the last. */
export function recordFailure(task: TaskRecord, failure: FailureReason, now: number): void {
  task.failures.push({ ...failure, attempt: task.attempt, at: now });
  task.failureCount += 1;
  if (task.failures.length > FIRST_FAILURES_KEPT + LAST_FAILURES_KEPT) task.failures.splice(FIRST_FAILURES_KEPT, 1);
}
