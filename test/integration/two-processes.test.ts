import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { linesOf, told, until } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const QUEUES = {
  default: { maxQueueLen: 100_000, maxRestarts: 0, abortGrace: 50 },
  inline: { isolation: "inline", maxQueueLen: 100_000, maxConcurrency: 20 },
} as const;

/** A worker's process, and one that only enqueues, asks and aborts, on one file. */
async function openTwo(): Promise<{ web: InstanceProcess; worker: InstanceProcess; file: string; database: string }> {
  const folder = temporaryFolder();
  const database = join(folder, "queue.db");
  const options = { database: `sqlite:${database}`, queues: QUEUES };
  const worker = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
  await worker.ready;
  const web = new InstanceProcess({ options: { database: options.database }, start: false });
  await web.ready;
  return { web, worker, file: join(folder, "told"), database };
}

test.each(["default", "inline"])("what one process enqueues, another starts within 50 ms (topic %s)", async (topic) => {
  const { web, file } = await openTwo();
  const tookMs: number[] = [];
  for (let number = 0; number < 30; number += 1) {
    const askedAt = Date.now();
    await web.enqueue(topic, "note", [file, String(number)]);
    const [, startedAt] = await told(file, String(number));
    tookMs.push(Number(startedAt) - askedAt);
  }
  tookMs.sort((a, b) => a - b);
  console.log(`noticed by the other process, ${topic}: median ${tookMs[15]} ms, longest ${tookMs.at(-1)} ms`);
  expect(tookMs[15]).toBeLessThan(50);
});

describe("an abort from the other process", () => {
  test("stops a task that never returns to its event loop", async () => {
    const { web, file } = await openTwo();
    const id = await web.enqueue("default", "spin", [file]);
    const [, pid] = await told(file, "begun");
    expect(isAlive(Number(pid))).toBe(true);
    const asked = performance.now();
    expect(await web.call("abort", id)).toBe(true);
    expect(isAlive(Number(pid))).toBe(false);
    expect(performance.now() - asked).toBeLessThan(500);
    expect(await web.status(id)).toBe("aborted");
    expect(await web.call("abort", id)).toBe(false);
  });

  test("is answered with true to all who ask at once, in either process", async () => {
    const { web, worker, file } = await openTwo();
    const id = await web.enqueue("default", "spin", [file]);
    await told(file, "begun");
    const asked = [web, worker, web, worker].map((instance) => instance.call("abort", id));
    expect(await Promise.all(asked)).toEqual([true, true, true, true]);
  });
});

describe("a result that the other process waits for", () => {
  test("comes within 50 ms of the end, whichever process runs the task", async () => {
    const { web, worker, file } = await openTwo();
    const tookMs: number[] = [];
    for (let number = 0; number < 15; number += 1) {
      const id = await web.enqueue("default", "note", [file, String(number)]);
      await told(file, String(number));
      const endedAt = performance.now();
      expect(await web.call("result", id)).toBeUndefined();
      tookMs.push(performance.now() - endedAt);
    }
    tookMs.sort((a, b) => a - b);
    expect(tookMs[7]).toBeLessThan(50);
    const returning = await web.enqueue("inline", "give", [{ deep: [1, "two"] }]);
    expect(await Promise.all([web.call("result", returning), worker.call("result", returning)])).toEqual([
      { deep: [1, "two"] },
      { deep: [1, "two"] },
    ]);
  });

  test("is refused when the task fails or is aborted there, and given up after its timeout", async () => {
    const { web, worker, file } = await openTwo();
    const failing = await web.enqueue("default", "fail", ["because"]);
    await expect(web.call("result", failing)).rejects.toMatchObject({ code: "TASK_FAILED", message: "because" });
    const spinning = await web.enqueue("default", "spin", [file]);
    const refused = expect(web.call("result", spinning)).rejects.toMatchObject({ code: "TASK_ABORTED" });
    await told(file, "begun");
    await expect(web.call("result", spinning, { timeout: 50 })).rejects.toMatchObject({ code: "RESULT_TIMEOUT" });
    expect(await worker.call("abort", spinning)).toBe(true);
    await refused;
  });
});

test("no call fails while several processes write as much as they can", async () => {
  const { web, worker, database } = await openTwo();
  const second = new InstanceProcess({ options: { database: `sqlite:${database}` }, start: false });
  await second.ready;
  const floods = [web, second, worker].flatMap((instance) => [
    instance.call("flood", "inline", "nothing", 200),
    instance.call("flood", "default", "nothing", 50),
  ]);
  expect((await Promise.all(floods)).flat()).toEqual([]);
});

test("a lock that another program holds refuses enqueues after five seconds, and stops no timeout", async () => {
  const { web, worker, file, database } = await openTwo();
  const id = await worker.enqueue("default", "spin", [file], { timeout: 600 });
  const [, begun] = await told(file, "begun");
  const pid = Number(begun);
  using foreign = new DatabaseSync(database, { timeout: 1_000 });
  foreign.exec("BEGIN IMMEDIATE");
  expect(isAlive(pid)).toBe(true);

  const asked = performance.now();
  const refused = Promise.allSettled([web.enqueue("default", "nothing"), worker.enqueue("default", "nothing")]);
  await goneAfterMs([pid]);
  // 600 ms until the timeout and 50 ms of grace, and nobody has written anything meanwhile.
  expect(performance.now() - asked).toBeLessThan(1_500);
  expect(await web.status(id)).toBe("running");
  const notReady = async (instance: InstanceProcess): Promise<boolean> => (await instance.call("isReady")) === false;
  await until("neither is ready", async () => (await notReady(web)) && notReady(worker), 1_000);

  const outcomes = await refused;
  const tookMs = performance.now() - asked;
  expect(outcomes).toMatchObject([
    { status: "rejected", reason: { code: "DATABASE_UNAVAILABLE" } },
    { status: "rejected", reason: { code: "DATABASE_UNAVAILABLE" } },
  ]);
  expect(tookMs).toBeGreaterThan(4_900);
  expect(tookMs).toBeLessThan(6_000);

  foreign.exec("ROLLBACK");
  await until("the timeout is written", async () => (await web.status(id)) === "in_dead_letter_queue", 1_000);
  expect(await web.get(id)).toMatchObject({ attempt: 1, failures: [{ code: "TASK_TIMEOUT" }] });
  await until(
    "both are ready again",
    async () => (await web.call("isReady")) && worker.call<boolean>("isReady"),
    1_000,
  );
  await web.enqueue("default", "note", [file, "afterwards"]);
  await told(file, "afterwards");
  expect(linesOf(file)).toHaveLength(2);
});

test("an abort that was asked for before a lock kills while the lock is held", async () => {
  const { web, worker, file, database } = await openTwo();
  const id = await worker.enqueue("default", "spin", [file], { abortGrace: 400 });
  const [, begun] = await told(file, "begun");
  const aborted = web.call("abort", id);
  await until("the abort is written", () => abortIsWritten(database, id));
  using foreign = new DatabaseSync(database, { timeout: 1_000 });
  foreign.exec("BEGIN IMMEDIATE");
  expect(isAlive(Number(begun))).toBe(true);
  expect(await goneAfterMs([Number(begun)])).toBeLessThan(1_000);
  expect(await web.status(id)).toBe("running");
  foreign.exec("ROLLBACK");
  expect(await aborted).toBe(true);
  expect(await web.status(id)).toBe("aborted");
});

function abortIsWritten(database: string, id: string): boolean {
  using connection = new DatabaseSync(database, { readOnly: true });
  const row = connection.prepare("SELECT abort_requested AS requested FROM tasks WHERE id = ?").get(id);
  return row?.["requested"] === 1;
}
