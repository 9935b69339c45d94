import { Worker } from "node:worker_threads";
import { AbortFlags } from "../abort-flags.ts";
import { killGroup } from "../process-group.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { MemoryWatch } from "./memory-watch.ts";

/** What a watchdog is started with. */
export interface WatchdogData {
  readonly lifelineFd: number;
  readonly limit: SharedArrayBuffer;
  readonly aborts: SharedArrayBuffer;
}

/** What the watchdog and the main thread share. */
export interface Watchdog {
  readonly memory: MemoryWatch;
  /** Where the watchdog says that an attempt is to stop. */
  readonly aborts: AbortFlags;
}

/**
 * Starts the thread that kills this process, and all that it has started, as soon as the parent is gone, or an attempt
 * makes it larger than it may; it also hears of aborts while the main thread is busy.
 */
export function startWatchdog(lifelineFd: number): Watchdog {
  const limit = new MemoryLimit();
  const aborts = new AbortFlags(1);
  const watchdog = new Worker(new URL(`./watchdog${import.meta.url.slice(-3)}`, import.meta.url), {
    workerData: { lifelineFd, limit: limit.buffer, aborts: aborts.buffer } satisfies WatchdogData,
    // The application's flags and preloaded modules are not for it.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  watchdog.unref();
  // No child without a watchdog.
  watchdog.once("error", () => killGroup(process.pid));
  watchdog.once("exit", () => killGroup(process.pid));
  return { memory: new MemoryWatch(limit, () => watchdog.postMessage("watch")), aborts };
}
