import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue, type Stage3QueueOptions } from "../../src/index.ts";
import { newFile } from "../unit/storage/open-sqlite.ts";

/** When each handler was called, by its argument. */
const begun = new Map<string, number>();
const tasks = {
  note: (label: string) => void begun.set(label, Date.now()),
  occupy: (ms: number) => sleep(ms),
};

async function open(database: string, options: Stage3QueueOptions = {}): Promise<Stage3Queue> {
  const stage3 = await Stage3Queue.open({ database, durability: "process-crash", tasks, ...options });
  onTestFinished(() => stage3.stop());
  return stage3;
}

test("a task that another instance enqueues with a delay starts within 50 ms of its time, in the median", async () => {
  const database = `sqlite:${newFile()}`;
  const [producer, worker] = [await open(database), await open(database)];
  await worker.start();
  const due = new Map<string, number>();
  const ids: string[] = [];
  for (let number = 0; number < 9; number += 1) {
    const label = `delayed ${number}`;
    due.set(label, Date.now() + 300 + 40 * number);
    ids.push(await producer.broker.enqueue("default", "note", [label], { runAt: new Date(due.get(label) ?? 0) }));
  }
  expect((await producer.broker.get(ids[0] ?? ""))?.status).toBe("queued");
  await Promise.all(ids.map((id) => producer.broker.result(id)));
  const late = Array.from(due, ([label, at]) => (begun.get(label) ?? Infinity) - at).toSorted((a, b) => a - b);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(late[4]).toBeLessThan(50);
});

test.each(["stop", "kill"] as const)("a delayed task outlives the %s of the only worker", async (end) => {
  const database = `sqlite:${newFile()}`;
  const first = await open(database);
  await first.start();
  const at = Date.now() + 700;
  const id = await first.broker.enqueue("default", "note", [`after a ${end}`], { delay: 700 });
  await first[end]();
  const second = await open(database);
  await second.start();
  await second.broker.result(id);
  expect((begun.get(`after a ${end}`) ?? 0) - at).toBeGreaterThanOrEqual(-50);
  expect((await second.broker.get(id))?.attempt).toBe(1);
});

test("a task of a topic that nobody serves is ended by any worker within a second of its expiry", async () => {
  const database = `sqlite:${newFile()}`;
  const producer = await open(database, { queues: { unserved: { expires: 200 } } });
  const worker = await open(database, { queues: { other: {} } });
  await worker.start();
  const id = await producer.broker.enqueue("unserved", "note", ["never"]);
  const enqueuedAt = Date.now();
  await expect(producer.broker.result(id)).rejects.toMatchObject({ code: "TASK_EXPIRED" });
  expect(Date.now() - enqueuedAt).toBeLessThan(1_200);
  expect(await producer.broker.get(id)).toMatchObject({ status: "aborted", attempt: 0, failureCount: 1 });
  expect(begun.has("never")).toBe(false);
});

test("a task that waits behind others when it expires never starts", async () => {
  const stage3 = await open(`sqlite:${newFile()}`, { queues: { default: { maxConcurrency: 1 } } });
  await stage3.start();
  const busy = await stage3.broker.enqueue("default", "occupy", [600]);
  const id = await stage3.broker.enqueue("default", "note", ["too late"], { expires: "200ms" });
  await expect(stage3.broker.result(id)).rejects.toMatchObject({ code: "TASK_EXPIRED" });
  await stage3.broker.result(busy);
  expect(begun.has("too late")).toBe(false);
});

test("ten thousand tasks that are due at once all run, in the order of their enqueues", async () => {
  const order: number[] = [];
  const many = { count: (number: number) => void order.push(number) };
  const stage3 = await open(`sqlite:${newFile()}`, {
    tasks: many,
    queues: { default: { maxConcurrency: 100, maxQueueLen: 0 } },
  });
  const runAt = new Date(Date.now() + 1_500);
  const entries = Array.from({ length: 10_000 }, (_, number) => ["count", [number], { runAt }] as const);
  const ids = await stage3.broker.enqueueMany("default", entries);
  await stage3.start();
  await Promise.all(ids.map((id) => stage3.broker.result(id, { timeout: "50s" })));
  expect(order).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
}, 60_000);
