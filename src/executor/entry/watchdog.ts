// Runs in a thread of every child, so that nothing which keeps the child's main thread busy can stop it.
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { AbortFlags } from "../abort-flags.ts";
import { CRASH_REPORT_FD } from "../child-descriptors.ts";
import { reportOverLimit } from "../crash-report.ts";
import { killGroup } from "../process-group.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { ResidentBytes } from "./resident-bytes.ts";
import type { WatchdogData } from "./start-watchdog.ts";

/** How often the child's size is read while an attempt runs that has a limit. */
const PERIOD_MS = 50;

/** How many times in a row nothing has to be there to watch before the reading stops. */
const QUIET_PERIODS = 20;

const data = workerData as WatchdogData;
const aborts = new AbortFlags(data.aborts);

/** What comes is the flag of an attempt that is to stop, whole as it was written; at its end the parent is gone. */
const lifeline = new Socket({ fd: data.lifelineFd });
lifeline.on("error", () => {});
lifeline.on("close", () => killGroup(process.pid));
lifeline.on("data", (bytes: Buffer) => aborts.raisePacked(bytes));

const limit = new MemoryLimit(data.limit);
let resident: ResidentBytes | undefined;
let quietPeriods = 0;
parentPort?.on("message", watch);

function watch(): void {
  resident ??= new ResidentBytes();
  const current = limit.current();
  quietPeriods = current === undefined ? quietPeriods + 1 : 0;
  if (current !== undefined) judge(current.run, current.limitBytes, resident.read());
  if (quietPeriods >= QUIET_PERIODS && limit.sleep()) quietPeriods = 0;
  else systemClock.setTimer(PERIOD_MS, watch);
}

function judge(run: number, limitBytes: number, usedBytes: number): void {
  if (usedBytes <= limitBytes || !limit.condemn(run)) return;
  reportOverLimit(CRASH_REPORT_FD, { usedBytes, limitBytes });
  killGroup(process.pid);
}
