import { defineTasks, task } from "stage3queue/tasks";

export default defineTasks({
  greet: (name: string) => `Hello, ${name}`,

  /** Never ends by itself; an abort ends it all the same. */
  spin: task({ abortGrace: "100ms" }, () => {
    for (;;);
  }),
});
