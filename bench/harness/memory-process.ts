// A process of its own, so that nothing else is in its memory. Prints what a queue takes there, as JSON.
//
//   node --expose-gc bench/harness/memory-process.ts <power-loss|memory> <file> <tasks> <folder of those that hold the slots>
import process from "node:process";
import { finished } from "node:stream/promises";
import type { Worker } from "node:worker_threads";
import { CONCURRENCY, fillBehindHolders, openInstance, untilHeld } from "./instance.ts";

/** In MB. */
export interface Memory {
  readonly resident: number;
  readonly applicationHeap: number;
  readonly engineHeap: number;
}

const BYTES_PER_MB = 1_000_000;

const workers: Worker[] = [];
process.on("worker", (worker) => workers.push(worker));

const [, , kind, file = "", count = "0", slots = ""] = process.argv;
const durability = kind === "memory" ? "memory" : "power-loss";
await using stage3 = await openInstance({ file, durability, queue: { isolation: "inline" } });
await stage3.start();
// A file was filled by another process; a database in memory has to be filled here.
if (durability === "memory") await fillBehindHolders(stage3, Number(count), slots);
await untilHeld(slots, CONCURRENCY);
process.stdout.write(`${JSON.stringify(await measure())}\n`);

async function measure(): Promise<Memory> {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    resident: rss / BYTES_PER_MB,
    applicationHeap: heapUsed / BYTES_PER_MB,
    engineHeap: (await engineHeapBytes()) / BYTES_PER_MB,
  };
}

/** Without garbage: taking a snapshot of another thread's heap is what makes that thread collect. */
async function engineHeapBytes(): Promise<number> {
  const [engine, ...others] = workers;
  if (engine === undefined || others.length > 0) throw new Error("The instance has one thread: the Engine's.");
  await finished((await engine.getHeapSnapshot()).resume());
  return (await engine.getHeapStatistics()).used_heap_size;
}
