import { cutText } from "../../core/cut-text.ts";
import { FIRST_FAILURES_KEPT, type FailureReason, LAST_FAILURES_KEPT } from "../../core/failure.ts";
import type { TaskRecord } from "./task-record.ts";
import type { TaskTable } from "./task-table.ts";

/** How much of a failure's message is kept, in bytes, where memory is short. */
const SHORT_MESSAGE = 256;

/** A failed attempt of one task. */
export interface FailedAttempt {
  readonly task: TaskRecord;
  readonly failure: FailureReason;
  readonly now: number;
}

/** Adds a failed attempt to what is kept with its task: of many, the first and the last. */
export function recordFailure(table: TaskTable, { task, failure, now }: FailedAttempt): void {
  // Tasks that wait for a restart grow with each, whether or not new ones are taken.
  const isShort = table.memory.shortOf(0) !== undefined;
  const kept = isShort ? { code: failure.code, message: cutText(failure.message, SHORT_MESSAGE) } : failure;
  task.failures.push({ ...kept, attempt: task.attempt, at: now });
  task.failureCount += 1;
  if (task.failures.length > FIRST_FAILURES_KEPT + LAST_FAILURES_KEPT) task.failures.splice(FIRST_FAILURES_KEPT, 1);
}
