import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type CurrentTask, currentTask, runInTask } from "../../../src/tasks/current-task.ts";
import { secondCopyOfTasks } from "../../fixtures/second-copy.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function taskWith(id: string): CurrentTask {
  const { signal } = new AbortController();
  return {
    id,
    topic: "default",
    function: "f",
    attempt: 1,
    signal,
    aborted: false,
    throwIfAborted: () => {},
    progress: () => {},
    log: () => {},
  };
}

test("outside a task there is none", () => {
  expect(() => currentTask()).toThrow(expect.objectContaining({ name: "Stage3Error", code: "NOT_IN_TASK" }));
});

test("each handler sees its own task, also later", async () => {
  const seen = await Promise.all(
    ["a", "b"].map((id) =>
      runInTask(taskWith(id), async () => {
        await delay(1);
        return currentTask().id;
      }),
    ),
  );
  expect(seen).toEqual(["a", "b"]);
  expect(() => currentTask()).toThrow();
});

test("a second copy of the module finds the task", async () => {
  const other = await secondCopyOfTasks(temporaryFolder());
  expect(other.currentTask).not.toBe(currentTask);
  expect(runInTask(taskWith("a"), () => other.currentTask().id)).toBe("a");
  expect(() => other.currentTask()).toThrow(expect.objectContaining({ code: "NOT_IN_TASK" }));
});
