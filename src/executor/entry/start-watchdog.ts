import { Worker } from "node:worker_threads";
import { killGroup } from "../process-group.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { MemoryWatch } from "./memory-watch.ts";

/** What a watchdog is started with. */
export interface WatchdogData {
  readonly lifelineFd: number;
  readonly limit: SharedArrayBuffer;
}

/**
 * Starts the thread that kills this process, and all that it has started, as soon as the parent is gone, or an attempt
 * makes it larger than it may.
 */
export function startWatchdog(lifelineFd: number): MemoryWatch {
  const limit = new MemoryLimit();
  const watchdog = new Worker(new URL(`./watchdog${import.meta.url.slice(-3)}`, import.meta.url), {
    workerData: { lifelineFd, limit: limit.buffer } satisfies WatchdogData,
    // The application's flags and preloaded modules are not for it.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  watchdog.unref();
  // No child without a watchdog.
  watchdog.once("error", () => killGroup(process.pid));
  watchdog.once("exit", () => killGroup(process.pid));
  return new MemoryWatch(limit, () => watchdog.postMessage("watch"));
}
