import type { TaskHandlers } from "./task-types.ts";

/**
 * Checks the type of a tasks module's functions and returns them unchanged; the module's default export.
 *
 * @example
 * export default defineTasks({
 *   async "send emails"(from: string, to: string[]) { … },
 *   fibonacci: task({ timeout: "30s" }, (n: number) => fibonacci(n)),
 * });
 */
export function defineTasks<const Tasks extends TaskHandlers>(tasks: Tasks): Tasks {
  return tasks;
}
