import { readdirSync, readFileSync } from "node:fs";

/** A process that this one, or one of its descendants, has started. */
export interface StartedProcess {
  readonly pid: number;
  /** Distinguishes a process from a later one with the same pid. */
  readonly key: string;
  readonly description: string;
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly startedAt: string;
}

/**
 * The descendants of this process, zombies included, and every process that carries `marker` in its environment: one
 * that was orphaned belongs to init, but keeps what it inherited. Empty where there is no /proc.
 */
export function startedProcesses(marker: string): StartedProcess[] {
  const stats = readStats();
  const descendants = descendantsOf(process.pid, stats);
  return stats
    .filter(({ pid }) => pid !== process.pid && (descendants.has(pid) || carries(pid, marker)))
    .map(({ pid, state, startedAt }) => ({
      pid,
      key: `${pid}@${startedAt}`,
      description: `process ${pid} (${state === "Z" ? "zombie" : commandOf(pid)})`,
    }));
}

function readStats(): ProcessStat[] {
  return entriesOf("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      // The name stands in brackets and may hold anything, brackets included.
      const [state = "", parent = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return stat === "" ? [] : [{ pid: Number(name), parent: Number(parent), state, startedAt: rest[17] ?? "" }];
    });
}

function descendantsOf(ancestor: number, stats: readonly ProcessStat[]): Set<number> {
  const found = new Set<number>();
  const open = [ancestor];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const stat of stats) {
      if (stat.parent === pid && !found.has(stat.pid)) {
        found.add(stat.pid);
        open.push(stat.pid);
      }
    }
  }
  return found;
}

function carries(pid: number, marker: string): boolean {
  return read(`/proc/${pid}/environ`).split("\0").includes(marker);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() || "unknown command";
}

/** A process may end between listing and reading it. */
function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
