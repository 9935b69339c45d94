import { join } from "node:path";
import { fill, holdSlots, openInstance, untilDone, type Instance } from "../harness/instance.ts";
import { type Kind, KINDS } from "../harness/kinds.ts";
import { LoopDelayMonitor } from "../harness/loop-delay.ts";
import type { Measurement, Setting } from "../harness/measurement.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";
import type { Row } from "../harness/row.ts";
import { median, ratePerSecond } from "../harness/statistics.ts";

interface Drain extends Kind {
  readonly concurrency: number;
}

/** How fast a full queue empties. Its children and threads are there already: the slots are held while it is filled. */
export const measureDrain: Measurement = async function* (setting) {
  const drains = setting.scale.drainConcurrencies.flatMap((concurrency) =>
    KINDS.map(({ isolation, durability }) => ({ isolation, durability, concurrency })),
  );
  for (const [index, drain] of drains.entries()) {
    const file = join(setting.folder, `drain-${index}.db`);
    const { isolation, durability, concurrency } = drain;
    await using stage3 = await openInstance({ file, durability, queue: { isolation, maxConcurrency: concurrency } });
    await stage3.start();
    yield await measure(drain, stage3, setting);
  }
};

async function measure(drain: Drain, stage3: Instance, { scale, folder }: Setting): Promise<Row> {
  const { isolation, durability, concurrency } = drain;
  const monitor = new LoopDelayMonitor();
  const rates: number[] = [];
  const rawRates: number[] = [];
  using raw =
    durability === "memory"
      ? undefined
      : RawSqlite.create(join(folder, `drain-raw-${isolation}-${durability}-${concurrency}.db`), durability);
  for (let repetition = 0; repetition < scale.repetitions; repetition++) {
    const free = await holdSlots(stage3, concurrency, folder);
    await fill(stage3, scale.drain);
    const load = async (): Promise<void> => {
      free();
      await untilDone(stage3);
    };
    rates.push(await monitor.during(() => ratePerSecond(scale.drain, load)));
    raw?.enqueue(scale.drain, 1_000);
    if (raw !== undefined) rawRates.push(await ratePerSecond(scale.drain, () => raw.drain(concurrency)));
  }
  return {
    name: `drain of ${scale.drain.toLocaleString("en-US")}, ${concurrency} at once, ${isolation}`,
    durability,
    unit: "tasks/s",
    value: median(rates),
    raw: raw === undefined ? undefined : median(rawRates),
    loop: monitor.delay,
  };
}
