// The tasks that workers run while they are killed: a line in the history for all that they do.
import { flushCompileCache } from "node:module";
import { threadId } from "node:worker_threads";
import { sleep, systemClock } from "../../../src/core/clock.ts";
import { currentTask } from "../../../src/tasks/current-task.ts";
import { defineTasks } from "../../../src/tasks/define-tasks.ts";
import type { TaskHandlers } from "../../../src/tasks/task-types.ts";
import { type Behaviour, planOf } from "../../simulation/behaviour.ts";
import { hangs } from "../behaviours.ts";
import { HistoryFile } from "../history-file.ts";
import { PLACE_VARIABLE, type WorkerPlace } from "../worker-settings.ts";

const { worker, number, history } = JSON.parse(process.env[PLACE_VARIABLE] ?? "{}") as WorkerPlace;
const file = new HistoryFile(history);
/** Looked up while the parent surely lives: it is waiting for this import. */
const parent = process.ppid;
let runs = 0;

const tasks: TaskHandlers = defineTasks({
  async work(behaviour: Behaviour) {
    const { id, attempt, topic, signal } = currentTask();
    const { steps, stepMs, end, obeys } = planOf(behaviour, attempt);
    const run = nextRun();
    // Its time limit is that of the task: on a busy machine it may end an attempt that does not hang.
    file.note({ kind: "began", run, id, attempt, topic, worker, ...(hangs(behaviour) ? { mayTimeOut: true } : {}) });
    const wait = async (waitMs: number): Promise<void> => {
      await sleep(systemClock, waitMs, obeys ? signal : undefined);
      if (!obeys || !signal.aborted) return;
      file.note({ kind: "over", run, how: "killed" });
      throw new Error("It was asked to stop.");
    };
    for (let step = 0; step < steps; step += 1) {
      await wait(stepMs);
      file.note({ kind: "effect", run });
    }
    await wait(stepMs);
    switch (end) {
      case "finish": {
        const result = `${id} ${attempt} ${run}`;
        file.note({ kind: "over", run, how: "finished", result: JSON.stringify(result) });
        return result;
      }
      case "fail":
        file.note({ kind: "over", run, how: "failed" });
        throw new Error("It was told to fail.");
      case "exit":
        file.note({ kind: "over", run, how: "failed" });
        return process.exit(3);
      case "killWorker":
        killParent();
        return wait(LONGER_THAN_ANY_MS);
      case "hang":
        return wait(LONGER_THAN_ANY_MS);
    }
  },
});

export default tasks;

// Children are killed sooner or later, and would never write it at their exit.
systemClock.defer(() => flushCompileCache());

/** What never ends by itself is killed long before. */
const LONGER_THAN_ANY_MS = 600_000;

/** No other attempt of the same history has the same: it names the worker, the process, the thread, and a number. */
function nextRun(): string {
  runs += 1;
  return [number, process.pid, threadId, runs].join(".");
}

/** Only while it is still there: afterwards the number may be another process's. */
function killParent(): void {
  if (process.ppid !== parent) return;
  file.note({ kind: "worker", worker, event: "stalled" });
  process.kill(parent, "SIGKILL");
}
