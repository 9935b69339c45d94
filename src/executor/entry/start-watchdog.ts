import { Worker } from "node:worker_threads";
import { killGroup } from "../process-group.ts";

/** Starts the thread that kills this process, and all that it has started, as soon as the parent is gone. */
export function startWatchdog(lifelineFd: number): void {
  const watchdog = new Worker(new URL(`./watchdog${import.meta.url.slice(-3)}`, import.meta.url), {
    workerData: { lifelineFd },
    // The application's flags and preloaded modules are not for it.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  watchdog.unref();
  // No child without a watchdog.
  watchdog.once("error", () => killGroup(process.pid));
  watchdog.once("exit", () => killGroup(process.pid));
}
