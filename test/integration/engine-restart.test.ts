import type { QueueCounts } from "../../src/index.ts";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { linesOf, told, until } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const QUEUES = {
  default: { maxConcurrency: 3, maxQueueLen: 1_000, maxBackoff: 0, shutdownGrace: 50, abortGrace: 50 },
  threads: { isolation: "thread", maxConcurrency: 3, maxBackoff: 0, shutdownGrace: 50, abortGrace: 50 },
  inline: { isolation: "inline", maxBackoff: 0, shutdownGrace: 50, abortGrace: 50 },
} as const;

async function open(): Promise<{ instance: InstanceProcess; file: string; another: () => Promise<InstanceProcess> }> {
  const folder = temporaryFolder();
  const options = { database: `sqlite:${join(folder, "queue.db")}`, queues: QUEUES };
  const another = async (): Promise<InstanceProcess> => {
    const instance = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
    await instance.ready;
    return instance;
  };
  return { instance: await another(), file: join(folder, "told"), another };
}

function deathsOf(instance: InstanceProcess): number[] {
  return instance.events.filter(({ code }) => code === "ENGINE_RESTARTED").map(({ at }) => at);
}

test("the death of the Engine's thread kills what it ran, which runs again", async () => {
  const { instance, file } = await open();
  const id = await instance.enqueue("default", "hangOnce", [file]);
  const [, pid] = await told(file, "begun");
  expect(isAlive(Number(pid))).toBe(true);
  await instance.call("endThread");
  // Within moments; on a busy machine they are longer.
  expect(await goneAfterMs([Number(pid)])).toBeLessThan(500);
  await until("it has finished", async () => (await instance.status(id)) === "finished");
  expect(await instance.get(id)).toMatchObject({ attempt: 2, failures: [{ attempt: 1, code: "WORKER_DIED" }] });
  expect(linesOf(file)).toHaveLength(2);
  expect(deathsOf(instance)).toHaveLength(1);
  console.log(`left in the table of processes by the dead thread: ${await instance.call<number>("zombies")}`);
});

test("the death of the Engine's thread ends the threads of its tasks before they run again", async () => {
  const { instance, file } = await open();
  const id = await instance.enqueue("threads", "tellOnce", [file]);
  await told(file, "still");
  await instance.call("endThread");
  await until("it has finished", async () => (await instance.status(id)) === "finished");
  expect(await instance.get(id)).toMatchObject({ attempt: 2, failures: [{ attempt: 1, code: "WORKER_DIED" }] });
  // All in the same process; nothing is heard of the first attempt once the second has begun.
  const lines = linesOf(file);
  expect(lines.at(0)).toBe(`begun ${instance.pid} 1`);
  expect(lines.at(-1)).toBe(`begun ${instance.pid} 2`);
  expect(deathsOf(instance)).toHaveLength(1);
});

test("an inline attempt of a dead Engine is asked to stop, and only then runs again", async () => {
  const { instance, file } = await open();
  const id = await instance.enqueue("inline", "obey", [file], { maxRestarts: 1 });
  await told(file, "begun");
  await instance.call("endThread");
  await until("it has begun twice", () => linesOf(file).length === 3);
  expect(linesOf(file)).toEqual([`begun ${instance.pid} 1`, `asked ${instance.pid} 1`, `begun ${instance.pid} 2`]);
  expect(await instance.get(id)).toMatchObject({ status: "running", attempt: 2, failures: [{ code: "WORKER_DIED" }] });
  expect(await instance.call("abort", id)).toBe(true);
});

test("calls that were on their way are answered, and their tasks run", async () => {
  const { instance, file } = await open();
  const ids = await instance.call<string[]>("enqueueAndEndThread", "default", "note", [file, "done"]);
  expect(new Set(ids).size).toBe(40);
  for (const id of ids) {
    await until("it has finished", async () => (await instance.status(id)) === "finished");
  }
  // Once each, unless an attempt was cut off by the thread's death.
  expect(linesOf(file).length).toBeGreaterThanOrEqual(40);
  expect(linesOf(file).length).toBeLessThanOrEqual(40 + QUEUES.default.maxConcurrency);
});

test("calls with one idempotency key that were on their way are all answered with one id", async () => {
  const { instance, file } = await open();
  const ids = await instance.call<string[]>("repeatAndEndThread", "default", "note", [file, "done"]);
  expect(ids).toHaveLength(41);
  expect(new Set(ids).size).toBe(1);
  const [id = ""] = ids;
  await until("it has finished", async () => (await instance.status(id)) === "finished");
  const queues = await instance.call<QueueCounts[]>("queues");
  const ended = queues.map(({ topic, queued, running, finished }) => ({ topic, pending: queued + running, finished }));
  expect(ended.filter(({ pending, finished }) => pending + finished > 0)).toEqual([
    { topic: "default", pending: 0, finished: 1 },
  ]);
});

test("a call that waits for the end of a task is answered by the next Engine", async () => {
  const { instance, file } = await open();
  const id = await instance.enqueue("default", "obey", [file], { abortGrace: "10s" });
  await told(file, "begun");
  const spinning = await instance.enqueue("default", "spin", [file], { abortGrace: 300 });
  await until("both have begun", () => linesOf(file).length === 2);
  const aborted = instance.call("abort", spinning);
  await instance.call("status", spinning);
  await instance.call("endThread");
  expect(await aborted).toBe(true);
  expect(await instance.status(spinning)).toBe("aborted");
  expect(await instance.call("abort", id)).toBe(true);
});

test("a result that is waited for comes from the next Engine", async () => {
  const { instance, file } = await open();
  const id = await instance.enqueue("default", "hangOnce", [file]);
  await told(file, "begun");
  const result = instance.call("result", id);
  await instance.call("status", id);
  await instance.call("endThread");
  expect(await result).toBe("attempt 2");
});

test("a thread that keeps dying is started anew after longer and longer waits", async () => {
  const { instance, file } = await open();
  const aliveAfterMs: number[] = [];
  for (let death = 1; death <= 4; death += 1) {
    const diedAt = performance.now();
    await instance.call("endThread");
    await until("it is ready again", () => instance.call<boolean>("isReady"));
    aliveAfterMs.push(performance.now() - diedAt);
  }
  // The first death costs no wait, the next ones 100, 200 and 400 ms.
  expect(deathsOf(instance)).toHaveLength(4);
  expect(aliveAfterMs[1]).toBeGreaterThanOrEqual(100);
  expect(aliveAfterMs[2]).toBeGreaterThanOrEqual(200);
  expect(aliveAfterMs[3]).toBeGreaterThanOrEqual(400);
  await instance.enqueue("default", "note", [file, "afterwards"]);
  await told(file, "afterwards");
});

test("stop after a restart leaves nothing, and the process ends by itself", async () => {
  const { instance, file } = await open();
  await instance.enqueue("default", "hangOnce", [file]);
  await told(file, "begun");
  await instance.call("endThread");
  await until("it has begun twice", () => linesOf(file).length === 2);
  const pids = linesOf(file).map((line) => Number(line.split(" ")[1]));
  await instance.call("stop");
  expect(pids.some(isAlive)).toBe(false);
  await instance.letGo();
  const letGo = performance.now();
  expect(await instance.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - letGo).toBeLessThan(500);
});

test("stop while the thread waits to be started anew does not wait for it", async () => {
  const { instance, another, file } = await open();
  const id = await instance.enqueue("default", "spin", [file]);
  await told(file, "begun");
  for (let death = 1; death <= 4; death += 1) {
    await instance.call("endThread");
    if (death < 4) await until("it is ready again", () => instance.call<boolean>("isReady"));
  }
  // 400 ms are to be waited now.
  const asked = performance.now();
  await instance.call("stop");
  await instance.letGo();
  expect(await instance.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(300);
  const next = await another();
  await until("it has begun again", async () => (await next.status(id)) === "running");
});
