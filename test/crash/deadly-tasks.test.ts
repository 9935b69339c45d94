import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { told } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MAX_RESTARTS = 2;

test.each([
  ["in a child", "process", "killParent"],
  ["in a thread", "thread", "killSelf"],
  ["inline", "inline", "killSelf"],
] as const)("a task %s that always kills its worker ends in the dead-letter queue", async (_, isolation, name) => {
  const folder = temporaryFolder();
  const file = join(folder, "told");
  const options = {
    database: `sqlite:${join(folder, "queue.db")}`,
    queues: { default: { isolation, maxRestarts: MAX_RESTARTS, maxBackoff: 0, maxConcurrency: 1 } },
  };
  const startWorker = async (): Promise<InstanceProcess> => {
    const worker = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
    await worker.ready.catch(() => {});
    return worker;
  };
  let worker = await startWorker();
  const stage3 = await Stage3Queue.open({ database: options.database });
  onTestFinished(() => stage3.kill());
  const id = await stage3.broker.enqueue("default", name, []);
  const next = await stage3.broker.enqueue("default", "note", [file, "next"]);

  for (let death = 1; death <= MAX_RESTARTS + 1; death += 1) {
    expect(await worker.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await stage3.broker.get(id)).toMatchObject({ status: "running", attempt: death });
    worker = await startWorker();
  }
  await told(file, "next");
  expect(worker.isAlive).toBe(true);
  const failure = { code: "WORKER_DIED" };
  expect(await stage3.broker.get(id)).toMatchObject({
    status: "in_dead_letter_queue",
    attempt: MAX_RESTARTS + 1,
    failures: [
      { attempt: 1, ...failure },
      { attempt: 2, ...failure },
      { attempt: 3, ...failure },
    ],
  });
  expect((await stage3.broker.dlq.list()).map((task) => task.id)).toEqual([id]);
  await worker.call("stop");
  expect(await stage3.broker.status(next)).toBe("finished");
  await stage3.stop();
});
