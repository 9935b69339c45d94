/** What a tasks module imports. It loads nothing of the Engine. */
export type { InMemory } from "./core/json/types.ts";
export type { TaskPolicy } from "./core/options/types.ts";
export { currentTask, type CurrentTask } from "./tasks/current-task.ts";
export { defineTasks } from "./tasks/define-tasks.ts";
export { task, type TaskDefinition } from "./tasks/task-definition.ts";
export type {
  ArgumentsOf,
  EnqueueArguments,
  FunctionNames,
  ResultOf,
  StoredResult,
  TaskHandler,
  TaskHandlers,
} from "./tasks/task-types.ts";
