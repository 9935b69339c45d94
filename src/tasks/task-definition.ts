import type { Isolation, TaskOptions } from "../core/options/settings.ts";

/** What a function decides for all of its tasks. An option given at enqueue wins; else this one over the queue's. */
export interface TaskPolicy extends Omit<TaskOptions, "idempotencyKey"> {
  /** Where the handler runs. */
  readonly isolation?: Isolation;
  /**
   * How much memory an attempt may take, from 96 MB: bytes, or a text such as "512mb". In a process its whole resident
   * size counts, in a thread only its heap, without Buffers. Not for "inline".
   */
  readonly maxMemory?: number | string;
}

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
