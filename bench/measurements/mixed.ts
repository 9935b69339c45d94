import { join } from "node:path";
import { holdSlots, openInstance, TOPIC, untilDone, type Instance } from "../harness/instance.ts";
import { type Kind, KINDS } from "../harness/kinds.ts";
import { LoopDelayMonitor } from "../harness/loop-delay.ts";
import type { Measurement, Setting } from "../harness/measurement.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";
import type { Row } from "../harness/row.ts";
import { median, ratePerSecond } from "../harness/statistics.ts";

/** Callers that each enqueue a task, ask for its status, and go on with the next. */
const CLIENTS = 200;
/** One task in so many fails at its first attempt and is restarted at once. */
const FAIL_EVERY = 20;

/** Everything at once: enqueues, status calls, runs, failures and restarts. */
export const measureMixed: Measurement = async function* (setting) {
  const concurrency = setting.scale.mixedConcurrency;
  for (const [index, kind] of KINDS.entries()) {
    const { isolation, durability } = kind;
    await using stage3 = await openInstance({
      file: join(setting.folder, `mixed-${index}.db`),
      durability,
      queue: { isolation, maxConcurrency: concurrency, maxBackoff: 0 },
    });
    await stage3.start();
    (await holdSlots(stage3, concurrency, setting.folder))();
    await untilDone(stage3);
    yield await measure(kind, stage3, setting);
  }
};

async function measure({ isolation, durability }: Kind, stage3: Instance, { scale, folder }: Setting): Promise<Row> {
  const monitor = new LoopDelayMonitor();
  const rates: number[] = [];
  const rawRates: number[] = [];
  using raw =
    durability === "memory"
      ? undefined
      : RawSqlite.create(join(folder, `mixed-raw-${isolation}-${durability}.db`), durability);
  for (let repetition = 0; repetition < scale.repetitions; repetition++) {
    rates.push(await monitor.during(() => ratePerSecond(scale.mixed, () => run(stage3, scale.mixed))));
    if (raw === undefined) continue;
    rawRates.push(await ratePerSecond(scale.mixed, () => raw.mixed(scale.mixed, scale.mixedConcurrency, FAIL_EVERY)));
  }
  return {
    name: `mixed load, ${scale.mixedConcurrency} at once, ${isolation}`,
    durability,
    unit: "tasks/s",
    value: median(rates),
    raw: raw === undefined ? undefined : median(rawRates),
    loop: monitor.delay,
  };
}

/** Until the last task has ended. */
async function run(stage3: Instance, count: number): Promise<void> {
  const { broker } = stage3;
  let entered = 0;
  const client = async (): Promise<void> => {
    while (entered < count) {
      entered++;
      const id = await broker.enqueue(TOPIC, entered % FAIL_EVERY === 0 ? "fail once" : "nothing", []);
      await broker.status(id);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await untilDone(stage3);
}
