import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The processes that run with `marker` (`NAME=value`) in their environment, which every child inherits. */
export function markedProcesses(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => environmentOf(name).split("\0").includes(marker))
    .map(Number);
}

/** How long it takes until no process with `marker` is left, in milliseconds. */
export async function markedGoneAfterMs(marker: string): Promise<number> {
  const start = performance.now();
  while (markedProcesses(marker).length > 0) await delay(10);
  return performance.now() - start;
}

/** Empty for a process that has ended. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}
