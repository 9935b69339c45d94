import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { currentTask, defineTasks } from "stage3queue/tasks";
import { monotonicMs } from "./harness/statistics.ts";

const POLL_MS = 10;

/** What the measurements run, in every isolation. */
const tasks: {
  nothing: () => void;
  "hold a slot": (folder: string) => Promise<void>;
  "fail once": () => void;
  "tell the time": () => number;
} = defineTasks({
  nothing() {
    // The cost of a task that does nothing is the queue's own.
  },

  /** Leaves a file in the folder to tell that it has begun, and ends when the folder has one called `free`. */
  async "hold a slot"(folder: string): Promise<void> {
    const { id, signal } = currentTask();
    writeFileSync(join(folder, id), "");
    while (!existsSync(join(folder, "free"))) await wait(POLL_MS, undefined, { signal });
  },

  "fail once"() {
    if (currentTask().attempt === 1) throw new Error("The first attempt fails.");
  },

  /** When it was started, on a clock that all processes of the machine share. */
  "tell the time": () => monotonicMs(),
});

export default tasks;
