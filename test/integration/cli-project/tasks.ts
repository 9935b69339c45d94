import { currentTask, defineTasks } from "stage3queue/tasks";

export default defineTasks({
  echo: (value: string) => value,
  "log and echo": (value: string) => {
    currentTask().log("echoing", { value });
    return value;
  },
  /** Runs until it is aborted. */
  wait: () =>
    new Promise<void>((_resolve, reject) => {
      const { signal } = currentTask();
      const keepAlive = setInterval(() => undefined, 1_000);
      signal.addEventListener("abort", () => {
        clearInterval(keepAlive);
        reject(signal.reason as Error);
      });
    }),
  /** Runs until it is killed. */
  spin: () => {
    for (;;);
  },
  /** Leaves a promise to reject later, with nobody to notice. */
  stray: () => {
    void Promise.reject(new Error("nobody waits for me"));
  },
  fail: (message: string) => {
    throw new Error(message);
  },
});
