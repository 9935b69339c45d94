import { join } from "node:path";
import type { Broker } from "stage3queue";
import { openInstance, TOPIC, type Instance } from "../harness/instance.ts";
import { LoopDelayMonitor } from "../harness/loop-delay.ts";
import type { Measurement, Setting } from "../harness/measurement.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";
import type { MeasuredDurability, Row } from "../harness/row.ts";
import { median, ratePerSecond } from "../harness/statistics.ts";
import type tasks from "../tasks.ts";

const AT_ONCE = 100;
const MANY = 1_000;

interface Way {
  readonly name: string;
  /** Tasks in one call, or at once. */
  readonly batch: number;
  readonly batches: number;
  readonly enqueue: (broker: Broker<typeof tasks>) => Promise<unknown>;
}

/** Nothing runs meanwhile: the instance is open, not started. */
export const measureEnqueue: Measurement = async function* (setting) {
  const { oneByOne, batches } = setting.scale;
  const many = Array.from({ length: MANY }, () => ["nothing", []] as const);
  const ways: Way[] = [
    { name: "one by one", batch: 1, batches: oneByOne, enqueue: (broker) => broker.enqueue(TOPIC, "nothing", []) },
    {
      name: `${AT_ONCE} at once`,
      batch: AT_ONCE,
      batches,
      enqueue: (broker) => Promise.all(Array.from({ length: AT_ONCE }, () => broker.enqueue(TOPIC, "nothing", []))),
    },
    { name: "enqueueMany of 1,000", batch: MANY, batches, enqueue: (broker) => broker.enqueueMany(TOPIC, many) },
  ];
  for (const durability of ["power-loss", "process-crash", "memory"] as const) {
    const file = join(setting.folder, `enqueue-${durability}.db`);
    await using stage3 = await openInstance({ file, durability, queue: { isolation: "inline" } });
    await stage3.broker.enqueue(TOPIC, "nothing", []); // loads the tasks
    for (const way of ways) yield await measureWay(way, durability, { stage3, setting });
  }
};

async function measureWay(
  way: Way,
  durability: MeasuredDurability,
  { stage3, setting }: { stage3: Instance; setting: Setting },
): Promise<Row> {
  const count = way.batch * way.batches;
  const monitor = new LoopDelayMonitor();
  const rates: number[] = [];
  const rawRates: number[] = [];
  using raw = durability === "memory" ? undefined : newRaw(setting.folder, `${durability}-${way.batch}`, durability);
  for (let repetition = 0; repetition < setting.scale.repetitions; repetition++) {
    const load = async (): Promise<void> => {
      for (let batch = 0; batch < way.batches; batch++) await way.enqueue(stage3.broker);
    };
    rates.push(await monitor.during(() => ratePerSecond(count, load)));
    if (raw !== undefined) rawRates.push(await ratePerSecond(count, () => raw.enqueue(count, way.batch)));
  }
  return {
    name: `enqueue, ${way.name}`,
    durability,
    unit: "tasks/s",
    value: median(rates),
    raw: raw === undefined ? undefined : median(rawRates),
    loop: monitor.delay,
  };
}

function newRaw(folder: string, name: string, durability: MeasuredDurability): RawSqlite {
  return RawSqlite.create(join(folder, `enqueue-raw-${name}.db`), durability);
}
