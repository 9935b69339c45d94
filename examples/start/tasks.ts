import { currentTask, defineTasks } from "stage3queue/tasks";

export default defineTasks({
  greet(name: string) {
    currentTask().log(`greeting ${name}`);
    return `Hello, ${name}!`;
  },
});
