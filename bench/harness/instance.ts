import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Stage3Queue, type QueueCounts, type QueueOptions } from "stage3queue";
import type tasks from "../tasks.ts";
import type { MeasuredDurability } from "./row.ts";

export const TOPIC = "default";
/** The default of `maxConcurrency`. */
export const CONCURRENCY = 10;
const POLL_MS = 5;
const FILL_BATCH = 1_000;
/** Batches that are under way at once while a queue is filled. */
const FILL_AT_ONCE = 4;

export type Instance = Stage3Queue<typeof tasks>;

export interface InstanceOptions {
  /** Where the database is. */
  readonly file: string;
  readonly durability: MeasuredDurability;
  readonly queue?: QueueOptions;
}

/** An instance as any application opens it; `maxQueueLen` is raised, since its default of 200 refuses the loads. */
export function openInstance({ file, durability, queue }: InstanceOptions): Promise<Instance> {
  return Stage3Queue.open<typeof tasks>({
    tasks: new URL("../tasks.ts", import.meta.url),
    queues: { [TOPIC]: { maxQueueLen: Infinity, ...queue } },
    ...(durability === "memory" ? { database: "memory:" } : { database: `sqlite:${file}`, durability }),
  });
}

/** Puts `count` tasks that do nothing into the queue. */
export async function fill({ broker }: Instance, count: number): Promise<void> {
  let left = count;
  const fillOn = async (): Promise<void> => {
    while (left > 0) {
      const size = Math.min(FILL_BATCH, left);
      left -= size;
      await broker.enqueueMany(
        TOPIC,
        Array.from({ length: size }, () => ["nothing", []] as const),
      );
    }
  };
  await Promise.all(Array.from({ length: FILL_AT_ONCE }, fillOn));
}

/** Resolves once nothing waits or runs. Rejects if a task did not finish: its figures would tell of something else. */
export async function untilDone(stage3: Instance): Promise<void> {
  for (;;) {
    const { queued, running, inDeadLetterQueue, aborted } = await counts(stage3);
    if (inDeadLetterQueue + aborted > 0) throw new Error("A task did not finish.");
    if (queued + running === 0) return;
    await wait(POLL_MS);
  }
}

/**
 * Takes every slot of a started instance with a task that has begun; answers with what frees them. A task counts as
 * running while its child or thread is still being started, so the status would not tell. No more are started at a time
 * than the machine has cores, as pools do it.
 */
export async function holdSlots(stage3: Instance, count: number, folder: string): Promise<() => void> {
  const place = mkdtempSync(join(folder, "slots-"));
  for (let held = 0; held < count; held = readdirSync(place).length) {
    const more = Math.min(availableParallelism(), count - held);
    await enqueueHolders(stage3, more, place);
    await untilHeld(place, held + more);
  }
  return () => writeFileSync(join(place, "free"), "");
}

/** Puts as many tasks into the queue as run at once by default, which hold their slots for good once they are started. */
export async function fillBehindHolders(stage3: Instance, count: number, folder: string): Promise<void> {
  await enqueueHolders(stage3, CONCURRENCY, folder);
  await fill(stage3, count);
}

/** Resolves once so many tasks that hold a slot have begun. */
export async function untilHeld(folder: string, count: number): Promise<void> {
  while (readdirSync(folder).length < count) await wait(POLL_MS);
}

async function enqueueHolders({ broker }: Instance, count: number, folder: string): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => broker.enqueue(TOPIC, "hold a slot", [folder])));
}

async function counts({ broker }: Instance): Promise<QueueCounts> {
  const topics = await broker.queues();
  const found = topics.find(({ topic }) => topic === TOPIC);
  if (found === undefined) throw new Error("No worker has registered the topic: start the instance.");
  return found;
}
