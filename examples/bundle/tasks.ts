import { currentTask, defineTasks, task } from "stage3queue/tasks";

export default defineTasks({
  greet: (name: string) => `Hello, ${name}`,
  attempt: task({ isolation: "inline" }, () => currentTask().attempt),
});
