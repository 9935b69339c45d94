import { Stage3Error } from "../core/errors.ts";
import type { FailureReason } from "../core/failure.ts";

/** Whoever still waits for the functions of a pool is told that it has stopped. */
export function stopped(): Stage3Error {
  return new Stage3Error("STOPPED", "The queue has been stopped.");
}

/** The first member of a pool could not be started, or could not import the tasks. */
export function importFailed({ message, stack }: FailureReason): Stage3Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new Stage3Error("INVALID_OPTION", message, { cause });
}
