import { onTestFinished } from "vitest";
import type { TaskHandlers } from "../../../src/tasks.ts";
import { openTestQueue, type TestQueue, type TestQueueOptions } from "../../../src/testing.ts";

/** A test queue that is stopped when the test has ended. */
export async function openTest<Tasks extends TaskHandlers>(
  options: TestQueueOptions<Tasks>,
): Promise<TestQueue<Tasks>> {
  const stage3 = await openTestQueue<Tasks>(options);
  onTestFinished(() => stage3.stop());
  return stage3;
}
