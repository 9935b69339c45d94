import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { currentTask, defineTasks } from "stage3queue/tasks";
import { monotonicMs } from "./harness/statistics.ts";

const POLL_MS = 10;

/** What the measurements run, in every isolation. */
const tasks: {
  nothing: () => void;
  "wait for file": (path: string) => Promise<void>;
  "fail once": () => void;
  "tell the time": () => number;
} = defineTasks({
  nothing() {
    // The cost of a task that does nothing is the queue's own.
  },

  /** Holds its slot until the file is there. */
  async "wait for file"(path: string): Promise<void> {
    const { signal } = currentTask();
    while (!existsSync(path)) await wait(POLL_MS, undefined, { signal });
  },

  "fail once"() {
    if (currentTask().attempt === 1) throw new Error("The first attempt fails.");
  },

  /** When it was started, on a clock that all processes of the machine share. */
  "tell the time": () => monotonicMs(),
});

export default tasks;
