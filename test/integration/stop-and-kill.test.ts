import { once } from "node:events";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("stop resolves no sooner than a kill that is under way", async () => {
  const started: Promise<Worker> = once(process, "worker").then(([worker]) => worker as Worker);
  const stage3 = await Stage3Queue.open({ database: `sqlite:${join(temporaryFolder(), "queue.db")}`, tasks: {} });
  const thread = await started;
  const killed = stage3.kill();
  await stage3.stop();
  // As Node says of a thread that is gone.
  expect(thread.threadId).toBe(-1);
  await killed;
});
