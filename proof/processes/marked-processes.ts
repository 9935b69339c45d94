import { readdirSync, readFileSync } from "node:fs";
import { sleep, systemClock } from "../../src/core/clock.ts";

const POLL_MS = 20;

/** The processes in whose environment `marker` is found, which every child inherits. None where there is no `/proc`. */
export function markedProcesses(marker: string): number[] {
  return processes()
    .filter((name) => environmentOf(name).includes(marker))
    .map(Number);
}

/** How long it takes until no process with `marker` is left, in milliseconds; at most about `limitMs`. */
export async function markedGoneAfterMs(marker: string, limitMs: number): Promise<number> {
  const startedAt = systemClock.monotonic();
  const passedMs = (): number => systemClock.monotonic() - startedAt;
  while (passedMs() < limitMs && markedProcesses(marker).length > 0) await sleep(systemClock, POLL_MS);
  return passedMs();
}

function processes(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  } catch {
    return [];
  }
}

/** Empty for a process that has ended. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
