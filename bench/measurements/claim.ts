import { join } from "node:path";
import { Stage3Queue } from "stage3queue";
import { currentTask, defineTasks } from "stage3queue/tasks";
import { fill, openInstance, TOPIC } from "../harness/instance.ts";
import type { Measurement } from "../harness/measurement.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";
import { median, monotonicMs } from "../harness/statistics.ts";

/** A power cut is not what this is about, and its fsync would hide what is. */
const DURABILITY = "process-crash";

/** From one task's start to the next, with a single slot: a settlement, a claim and the way to the handler. */
export const measureClaim: Measurement = async function* ({ scale, folder }) {
  const file = join(folder, "claim.db");
  let waiting = 0;
  for (const backlog of scale.backlogs) {
    await addTasks(file, backlog - waiting);
    const gaps = gapsBetween(await startTimes(file, scale.claimSamples));
    const rawGaps = gapsBetween(rawStarts(file, scale.claimSamples));
    waiting = backlog - 2 * scale.claimSamples;
    yield {
      name: `claim with ${backlog.toLocaleString("en-US")} waiting, 1 at once, inline`,
      durability: DURABILITY,
      unit: "ms",
      value: median(gaps),
      raw: median(rawGaps),
    };
  }
};

async function addTasks(file: string, count: number): Promise<void> {
  await using stage3 = await openInstance({ file, durability: DURABILITY, queue: { isolation: "inline" } });
  await fill(stage3, count);
}

async function startTimes(file: string, count: number): Promise<number[]> {
  const starts: number[] = [];
  const done = Promise.withResolvers<void>();
  const tasks = defineTasks({
    /** The last one holds its slot, and is given back when the instance stops. */
    nothing() {
      starts.push(monotonicMs());
      if (starts.length <= count) return undefined;
      done.resolve();
      return whenAborted(currentTask().signal);
    },
  });
  await using stage3 = await Stage3Queue.open<typeof tasks>({
    database: `sqlite:${file}`,
    durability: DURABILITY,
    tasks,
    queues: { [TOPIC]: { maxQueueLen: Infinity, maxConcurrency: 1, shutdownGrace: 0 } },
  });
  await stage3.start();
  await done.promise;
  return starts;
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("The instance stops.")), { once: true });
  });
}

/** The same on the same file: one transaction ends a task and claims the next. */
function rawStarts(file: string, count: number): number[] {
  using raw = RawSqlite.open(file, DURABILITY);
  const starts: number[] = [];
  raw.drain(1, count, () => starts.push(monotonicMs()));
  return starts;
}

function gapsBetween(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? time));
}
