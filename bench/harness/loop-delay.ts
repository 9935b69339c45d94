import { monitorEventLoopDelay } from "node:perf_hooks";
import { median } from "./statistics.ts";

/** How late the application's event loop was, in milliseconds. An idle one is late by the monitor's own 1 ms. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const RESOLUTION_MS = 1;
const NS_PER_MS = 1e6;

/** Watches the event loop of this thread while a load runs, and only then. */
export class LoopDelayMonitor {
  readonly #delays: LoopDelay[] = [];

  async during<Result>(load: () => Promise<Result>): Promise<Result> {
    // A new one each time: one that is enabled again takes the time in between for a delay.
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    histogram.enable();
    try {
      return await load();
    } finally {
      histogram.disable();
      const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max];
      if (histogram.count > 0) this.#delays.push({ p50: p50 / NS_PER_MS, p99: p99 / NS_PER_MS, max: max / NS_PER_MS });
    }
  }

  /** The median of the loads' percentiles, and the worst of all. Undefined: they were over before the monitor ticked. */
  get delay(): LoopDelay | undefined {
    if (this.#delays.length === 0) return undefined;
    return {
      p50: median(this.#delays.map(({ p50 }) => p50)),
      p99: median(this.#delays.map(({ p99 }) => p99)),
      max: Math.max(...this.#delays.map(({ max }) => max)),
    };
  }
}
