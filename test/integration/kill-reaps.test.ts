import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { goneAfterMs } from "../fixtures/liveness.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { linesOf, told } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const RUNNING = 3;

interface Started {
  /** In a process of its own, so that the zombies that it counts are its own. */
  readonly instance: InstanceProcess;
  readonly database: string;
  readonly file: string;
}

async function start(): Promise<Started> {
  const folder = temporaryFolder();
  const database = `sqlite:${join(folder, "queue.db")}`;
  const queues = { default: { maxConcurrency: RUNNING, shutdownGrace: "20s", maxBackoff: 0 } };
  const instance = new InstanceProcess({ options: { database, queues }, tasks: INSTANCE_TASKS, start: true });
  await instance.ready;
  return { instance, database, file: join(folder, "told") };
}

/** Starts tasks that keep their children busy, and one that waits behind them. */
async function run({ instance, file }: Started): Promise<{ ids: readonly string[]; pids: readonly number[] }> {
  const ids: string[] = [];
  const pids: number[] = [];
  for (let number = 0; number < RUNNING; number += 1) {
    ids.push(await instance.enqueue("default", "spin", [`${file}${number}`]));
    const [, pid] = await told(`${file}${number}`, "begun");
    pids.push(Number(pid));
  }
  ids.push(await instance.enqueue("default", "note", [`${file} waiting`, "ran"]));
  return { ids, pids };
}

async function killAndCount(instance: InstanceProcess): Promise<void> {
  const asked = performance.now();
  await instance.call("kill");
  expect(performance.now() - asked).toBeLessThan(1_000);
  expect(await instance.call("zombies")).toBe(0);
}

describe("kill leaves no zombies of the application", () => {
  test("when tasks run, and records nothing of what it cuts off", async () => {
    const started = await start();
    const { ids, pids } = await run(started);
    await killAndCount(started.instance);
    expect(await goneAfterMs(pids)).toBeLessThan(100);
    const later = await Stage3Queue.open({ database: started.database, queues: { default: {} } });
    onTestFinished(() => later.kill());
    const tasks = await Promise.all(ids.map((id) => later.broker.get(id)));
    for (const task of tasks.slice(0, RUNNING)) expect(task).toMatchObject({ status: "running", failures: [] });
    expect(tasks[RUNNING]).toMatchObject({ status: "queued", attempt: 0 });
    expect(linesOf(`${started.file} waiting`)).toEqual([]);
    expect(started.instance.events).toEqual([]);
  });

  test("when it is called twice at once, and again", async () => {
    const { instance, ...started } = await start();
    await run({ instance, ...started });
    await Promise.all([killAndCount(instance), killAndCount(instance)]);
    await killAndCount(instance);
  });

  test.each([0, 5, 20, 60])("when children are started, %i ms after the tasks came", async (pauseMs) => {
    const { instance, file } = await start();
    const enqueued = Array.from({ length: RUNNING }, () => instance.enqueue("default", "pause", [file, 20_000]));
    await Promise.allSettled(enqueued);
    await delay(pauseMs);
    await killAndCount(instance);
  });

  test("while it stops", async () => {
    const { instance, ...started } = await start();
    const { pids } = await run({ instance, ...started });
    const stopped = instance.call("stop");
    await delay(50);
    await killAndCount(instance);
    await stopped;
    expect(await goneAfterMs(pids)).toBeLessThan(100);
  });
});

test("kill ends while the Engine's thread is started anew", async () => {
  const { instance, ...started } = await start();
  const { pids } = await run({ instance, ...started });
  void instance.call("endThread");
  const asked = performance.now();
  await instance.call("kill");
  expect(performance.now() - asked).toBeLessThan(1_000);
  expect(await goneAfterMs(pids)).toBeLessThan(100);
});
