import { Stage3Error } from "../core/errors.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { ReadTask } from "./read-tasks.ts";

/** How many functions one module may offer. */
const MOST_FUNCTIONS = 10_000;

/** How large the names and policies of a module may be together, as JSON. */
export const LONGEST_DESCRIPTION: number = 2 * 1024 ** 2;

/**
 * Names and policies, without the functions: what can be told to another thread.
 *
 * @throws Stage3Error `INVALID_OPTION` when they are too many, or too large.
 */
export function describeTasks(tasks: ReadonlyMap<string, ReadTask>): readonly FunctionDescription[] {
  if (tasks.size > MOST_FUNCTIONS) {
    throw tooMuch(`offers ${tasks.size} functions; at most ${MOST_FUNCTIONS} are taken`);
  }
  const functions = Array.from(tasks, ([name, { policy }]) => ({ name, policy }));
  if (JSON.stringify(functions).length > LONGEST_DESCRIPTION) {
    throw tooMuch(`has names and policies of more than ${LONGEST_DESCRIPTION / 1024 ** 2} MB`);
  }
  return functions;
}

function tooMuch(what: string): Stage3Error {
  return new Stage3Error(
    "INVALID_OPTION",
    `The tasks module ${what}. Offer fewer or shorter ones, and tell the rest by their arguments.`,
  );
}
