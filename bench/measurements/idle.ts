import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openInstance } from "../harness/instance.ts";
import { LoopDelayMonitor } from "../harness/loop-delay.ts";
import type { Measurement } from "../harness/measurement.ts";

/** What the loop's delay is to be compared with: an instance that has nothing to do. */
export const measureIdle: Measurement = async function* ({ scale, folder }) {
  const durability = "power-loss";
  await using stage3 = await openInstance({ file: join(folder, "idle.db"), durability });
  await stage3.start();
  const monitor = new LoopDelayMonitor();
  await monitor.during(() => wait(scale.idleMs));
  yield {
    name: "delay of the application's loop, nothing to do, p99",
    durability,
    unit: "ms",
    value: monitor.delay?.p99 ?? 0,
    loop: monitor.delay,
  };
};
