import { currentTask, defineTasks, task } from "stage3queue/tasks";

export default defineTasks({
  async "send emails"(from: string, to: string[]) {
    const { throwIfAborted, progress, log } = currentTask();
    for (const [index, address] of to.entries()) {
      throwIfAborted(); // ends it here once it is aborted
      log(`from ${from} to ${address}`); // send it here
      progress((index + 1) / to.length);
    }
  },

  fibonacci: task({ timeout: "30s", maxRestarts: 2 }, (n: number) => fibonacci(n)),
});

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
