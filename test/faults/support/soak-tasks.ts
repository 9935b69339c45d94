// The tasks of the soak test.
import { setTimeout as delay } from "node:timers/promises";
import { currentTask, defineTasks } from "../../../src/tasks.ts";

export default defineTasks({
  echo: (value: unknown) => value,
  /** Fails at its first attempt, or at all of them. */
  fail(attempts: number) {
    if (currentTask().attempt <= attempts) throw new Error("as it should");
  },
  /** Ends only when it is asked to. */
  async obey() {
    const { signal } = currentTask();
    currentTask().progress(0.5);
    await delay(60_000, undefined, { signal });
  },
  /** Ends the process that runs it. */
  exit() {
    process.exit(1);
  },
});
