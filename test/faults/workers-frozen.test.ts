import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { linesOf, until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const LEASE_MS = 3_000;

testFault(
  {
    area: "races",
    fault: "machines that freeze together",
    injected: "SIGSTOP to two workers of one file for almost two leases, and SIGCONT to both, as by docker pause",
    holds: "neither takes the other for dead: no LEASE_LOST, no rescue, and their tasks go on in their first attempts",
  },
  async () => {
    const folder = temporaryFolder();
    const file = join(folder, "told");
    const open = async (): Promise<InstanceProcess> => {
      const instance = new InstanceProcess({
        options: {
          database: `sqlite:${join(folder, "queue.db")}`,
          lease: LEASE_MS,
          queues: { default: { isolation: "inline", maxConcurrency: 1 } },
        },
        tasks: INSTANCE_TASKS,
        start: true,
      });
      await instance.ready;
      return instance;
    };
    const workers = [await open(), await open()];
    const ids = await Promise.all(workers.map((worker) => worker.enqueue("default", "hangOnce", [file])));
    await until("both have begun", () => linesOf(file).length === 2);
    // So that each has seen the other, at different moments of its lease.
    await delay(1_200);
    for (const { pid } of workers) process.kill(pid, "SIGSTOP");
    await delay(LEASE_MS * 1.8);
    for (const { pid } of workers) process.kill(pid, "SIGCONT");
    await delay(LEASE_MS);
    for (const id of ids) expect(await workers[0]?.get(id)).toMatchObject({ status: "running", attempt: 1 });
    expect(workers.flatMap(({ events }) => events)).toEqual([]);
    expect(linesOf(file)).toHaveLength(2);
  },
  120_000,
);

testFault(
  {
    area: "races",
    fault: "a worker that stands still beyond the timeout of what it runs",
    injected: "SIGSTOP to a worker when a task of 300 ms with a timeout of 2 s has begun, and SIGCONT after 3 s",
    holds: "the task, which has ended in time, is finished in its first attempt",
  },
  async () => {
    const folder = temporaryFolder();
    const file = join(folder, "told");
    const worker = new InstanceProcess({
      options: { database: `sqlite:${join(folder, "queue.db")}` },
      tasks: INSTANCE_TASKS,
      start: true,
    });
    await worker.ready;
    const id = await worker.enqueue("default", "pause", [file, 300], { timeout: "2s", maxRestarts: 0 });
    await until("it has begun", () => linesOf(file).length === 1);
    process.kill(worker.pid, "SIGSTOP");
    await delay(3_000);
    expect(linesOf(file)).toHaveLength(2);
    process.kill(worker.pid, "SIGCONT");
    const task = await until("it has ended", async () => {
      const found = await worker.get(id);
      return found?.status === "running" ? undefined : found;
    });
    expect(task).toMatchObject({ status: "finished", attempt: 1, failures: [] });
  },
  60_000,
);
