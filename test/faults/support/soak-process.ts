// Runs an instance with its server under mixed load for as long as it is told, and then tells what it held meanwhile.
import { readdirSync, statSync } from "node:fs";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { Stage3Queue } from "../../../src/broker/stage3queue.ts";
import { serve } from "./serve.ts";
import type soakTasks from "./soak-tasks.ts";
import type { SoakRun, SoakSample } from "./soak-report.ts";

const [file = "", duration = "0"] = process.argv.slice(2);
const durationMs = Number(duration);
const CALLERS = 6;
const SAMPLES = 60;
/** The part of the time before anything is measured. */
const WARM_UP = 0.4;

const workers = new Set<Worker>();
process.on("worker", (worker) => {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});
process.once("disconnect", () => process.exit());

const stage3 = await Stage3Queue.open<typeof soakTasks>({
  database: `sqlite:${file}`,
  tasks: new URL("soak-tasks.ts", import.meta.url),
  retention: { finished: "2s", aborted: "2s", dlq: "2s" },
  queues: {
    inline: { isolation: "inline", maxQueueLen: Infinity, maxRestarts: 1, maxBackoff: 5, abortGrace: 100 },
    children: { maxConcurrency: 3, maxQueueLen: Infinity, maxRestarts: 0, abortGrace: 100 },
    memory: { persistent: false, isolation: "inline", maxQueueLen: Infinity, maxRestarts: 0, maxBackoff: 0 },
  },
});
await stage3.start();
const server = await serve(stage3);

const { broker } = stage3;
const endsAt = performance.now() + durationMs;
let calls = 0;

/** Each is awaited to its end, so that nothing piles up. */
const LOAD: readonly (() => Promise<unknown>)[] = [
  async () => broker.result(await broker.enqueue("inline", "echo", ["x".repeat(3_000)])),
  async () => broker.result(await broker.enqueue("memory", "echo", [{ at: calls }])),
  async () => broker.result(await broker.enqueue("children", "echo", [calls])),
  async () => broker.result(await broker.enqueue("inline", "fail", [1])),
  async () => broker.result(await broker.enqueue("inline", "fail", [2])).catch(() => undefined),
  async () => broker.abort(await broker.enqueue("inline", "obey", [])),
  async () => broker.abort(await broker.enqueue("children", "obey", [])),
  async () =>
    broker.enqueueMany(
      "inline",
      Array.from({ length: 10 }, (_, index) => ["echo", [index]] as const),
    ),
  async () => broker.enqueue("inline", "echo", [1], { idempotencyKey: `key-${calls % 100}` }).catch(() => undefined),
  async () => {
    const body = JSON.stringify({ topic: "inline", function: "echo", args: [1] });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(server.url, { method: "POST", headers, body });
    const { id } = (await answer.json()) as { id: string };
    await (await fetch(`${server.url}/${id}`)).text();
    await (await fetch(`${server.url}/${id}`, { method: "DELETE" })).text();
  },
  async () => broker.queues(),
  async () => broker.dlq.list({ limit: 5 }),
];

async function call(caller: number): Promise<void> {
  for (let count = caller; performance.now() < endsAt; count++) {
    await LOAD[count % LOAD.length]?.();
    // Now and then a child dies, and another takes its place.
    if (count % 200 === 0) await broker.result(await broker.enqueue("children", "exit", [])).catch(() => undefined);
    calls += 1;
    await delay(2);
  }
}

/**
 * What the heaps of all threads hold. To write a snapshot is the only way to have another thread collect its garbage; it
 * stops the thread for a while, and takes memory that stays.
 */
async function heapOfThreads(): Promise<number> {
  let sum = 0;
  for (const worker of workers) {
    await finished((await worker.getHeapSnapshot()).resume());
    sum += (await worker.getHeapStatistics()).used_heap_size;
  }
  return sum;
}

function sample(): SoakSample {
  gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heap: heapUsed,
    resident: rss,
    threads: readdirSync("/proc/self/task").length,
    files: readdirSync("/proc/self/fd").length,
    wal: statSync(`${file}-wal`).size,
  };
}

const callers = Array.from({ length: CALLERS }, (_, caller) => call(caller * 2));
await delay(durationMs * WARM_UP);
const engineFrom = await heapOfThreads();
const samples: SoakSample[] = [];
while (performance.now() < endsAt) {
  await delay(durationMs / SAMPLES);
  samples.push(sample());
}
await Promise.all(callers);
const engineHeap = { from: engineFrom, to: await heapOfThreads() };
await server.close();
await stage3.stop();
process.send?.({ calls, samples, engineHeap } satisfies SoakRun, () => process.disconnect());
