/** What a tasks module imports. It loads nothing of the Engine. */
export { currentTask, type CurrentTask } from "./tasks/current-task.ts";
export { defineTasks } from "./tasks/define-tasks.ts";
export { task, type TaskDefinition, type TaskPolicy } from "./tasks/task-definition.ts";
export type { ArgumentsOf, FunctionNames, ResultOf, TaskHandler, TaskHandlers } from "./tasks/task-types.ts";
