import type { TaskPolicy } from "../core/options/types.ts";

const BRAND: unique symbol = Symbol.for("stage3queue.task");

/** A handler together with its policy, made by {@link task}. */
export interface TaskDefinition<Args extends readonly unknown[], Result> {
  readonly [BRAND]: true;
  readonly policy: TaskPolicy;
  readonly handler: (...args: Args) => Result;
}

/**
 * A handler with a policy of its own.
 *
 * @example
 * export default defineTasks({
 *   fibonacci: task({ timeout: "30s", maxRestarts: 2 }, (n: number) => fibonacci(n)),
 * });
 */
export function task<Args extends readonly unknown[], Result>(
  policy: TaskPolicy,
  handler: (...args: Args) => Result,
): TaskDefinition<Args, Result> {
  return Object.freeze({ [BRAND]: true as const, policy, handler });
}

/** Whether `value` was made by {@link task}, also by another copy of this module. */
export function isTaskDefinition(value: unknown): value is { readonly policy: unknown; readonly handler: unknown } {
  return typeof value === "object" && value !== null && BRAND in value;
}
