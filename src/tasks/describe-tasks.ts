import type { FunctionDescription } from "../core/policy.ts";
import type { ReadTask } from "./read-tasks.ts";

/** Names and policies, without the functions: what can be told to another thread. */
export function describeTasks(tasks: ReadonlyMap<string, ReadTask>): readonly FunctionDescription[] {
  return Array.from(tasks, ([name, { policy }]) => ({ name, policy }));
}
