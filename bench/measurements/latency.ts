import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openInstance, TOPIC, type Instance } from "../harness/instance.ts";
import { KINDS } from "../harness/kinds.ts";
import type { Measurement } from "../harness/measurement.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";
import type { MeasuredDurability } from "../harness/row.ts";
import { monotonicMs, percentile } from "../harness/statistics.ts";

const WARM_UP = 20;
const POLL_MS = 5;

/** From the call of `enqueue` to the first line of the handler, where nothing else is to be done. */
export const measureLatency: Measurement = async function* ({ scale, folder }) {
  for (const { isolation, durability } of KINDS) {
    const file = join(folder, `latency-${isolation}-${durability}.db`);
    await using instance = await openInstance({ file, durability, queue: { isolation } });
    await instance.start();
    await sample(instance, Math.min(WARM_UP, scale.latencySamples));
    const latencies = await sample(instance, scale.latencySamples);
    const raw = durability === "memory" ? undefined : sampleRaw(`${file}-raw`, durability, scale.latencySamples);
    for (const [name, share] of [
      ["p50", 0.5],
      ["p99", 0.99],
    ] as const) {
      yield {
        name: `enqueue to start when idle, ${isolation}, ${name}`,
        durability,
        unit: "ms",
        value: percentile(latencies, share),
        raw: raw === undefined ? undefined : percentile(raw, share),
      };
    }
  }
};

async function sample({ broker }: Instance, count: number): Promise<number[]> {
  const latencies: number[] = [];
  while (latencies.length < count) {
    const enqueuedAt = monotonicMs();
    const id = await broker.enqueue(TOPIC, "tell the time", []);
    let task;
    do {
      await wait(POLL_MS);
      task = await broker.get(id);
    } while (task?.endedAt === undefined);
    if (typeof task.result !== "number") throw new Error(`The task ended as ${task.status}, without its result.`);
    latencies.push(task.result - enqueuedAt);
  }
  return latencies;
}

/** One INSERT of a running task, committed. */
function sampleRaw(file: string, durability: MeasuredDurability, count: number): number[] {
  using raw = RawSqlite.create(file, durability);
  return Array.from({ length: count }, () => {
    const startedAt = monotonicMs();
    raw.start();
    return monotonicMs() - startedAt;
  });
}
