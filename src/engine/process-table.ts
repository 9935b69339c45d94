import { readFileSync, readlinkSync } from "node:fs";
import type { ProcessIdentity } from "../storage/port.ts";
import type { ProcessTable } from "./ports.ts";

/** The machine's processes as Linux shows them under `/proc`; where that is missing, it can tell nothing. */
export function openProcessTable(): ProcessTable {
  const bootId = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pidNamespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  const self: ProcessIdentity = {
    bootId,
    pidNamespace,
    pid: process.pid,
    startTime: startTimeOf(process.pid),
  };
  return {
    self,
    isGone(identity) {
      const sameMachine = bootId !== "" && pidNamespace !== "";
      if (!sameMachine || identity.bootId !== bootId || identity.pidNamespace !== pidNamespace) return false;
      const found = lookUp(identity.pid);
      if (found === undefined) return !exists(identity.pid);
      return found.isZombie || found.startTime !== identity.startTime;
    },
  };
}

/** What tells a process from a later one with its number; empty where there is none, or this machine does not tell. */
export function startTimeOf(pid: number): string {
  return lookUp(pid)?.startTime ?? "";
}

/** What `/proc/<pid>/stat` tells: the state is its third field, the start time in clock ticks its 22nd. */
function lookUp(pid: number): { startTime: string; isZombie: boolean } | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  // The second field is the command in parentheses, which may hold spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  if (stat === "" || state === undefined || startTime === undefined) return undefined;
  return { startTime, isZombie: state === "Z" || state === "X" };
}

/** Asked of the kernel, since `/proc` may hide the processes of other users. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
