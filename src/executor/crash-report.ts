import { closeSync, constants, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a child ran out of memory: V8 had none left for its heap, or its watchdog found it larger than it may be. */
export type MemoryEnd = { readonly kind: "heap" } | ({ readonly kind: "limit" } & OverLimit);

/** What a watchdog tells of a child that it kills. */
export interface OverLimit {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/**
 * Tells a child that ran out of memory from one that was killed. V8 ends both with the same signal, and cannot run
 * JavaScript any more; but Node can write a diagnostic report in that moment, and names its trigger. A watchdog that
 * kills its child because that became too large says so in the same place. The report goes to a file that has no name
 * any more, so it is gone with the parent whatever happens.
 */
export class CrashReport {
  /** To be handed to the child as its `CRASH_REPORT_FD`; undefined where such a file cannot be had. */
  readonly fd: number | undefined;

  constructor() {
    this.fd = openNameless();
  }

  /** Whether, and how, the child ran out of memory. Only once it has exited; closes the file. */
  close(): MemoryEnd | undefined {
    if (this.fd === undefined) return undefined;
    try {
      const report = readFileSync(this.fd, "latin1");
      if (report.startsWith(OVER_LIMIT)) return readOverLimit(report);
      return report.includes('"trigger":"OOMError"') ? { kind: "heap" } : undefined;
    } catch {
      return undefined;
    } finally {
      closeSync(this.fd);
    }
  }
}

const OVER_LIMIT = "over maxMemory ";

/** Writes, in the child, why it is killed. Harmless where the parent has no such file. */
export function reportOverLimit(fd: number, { usedBytes, limitBytes }: OverLimit): void {
  try {
    // At its start, and without moving it: the parent reads from where it is.
    writeSync(fd, `${OVER_LIMIT}${usedBytes} ${limitBytes}\n`, 0);
  } catch {
    // Then it is told as a process that was killed.
  }
}

function readOverLimit(report: string): MemoryEnd {
  const [usedBytes = 0, limitBytes = 0] = report.slice(OVER_LIMIT.length).split(/\s/, 2).map(Number);
  return { kind: "limit", usedBytes, limitBytes };
}

/** `__O_TMPFILE` of Linux, on every architecture that Node runs on; together with `O_DIRECTORY` it is `O_TMPFILE`. */
const TMPFILE = 0o20_000_000;

function openNameless(): number | undefined {
  if (process.platform === "win32") return undefined;
  return openUnnamed(tmpdir()) ?? openAndUnlink(tmpdir());
}

/** A file that never has a name: a parent that is killed at any moment leaves none. Not every file system can do it. */
function openUnnamed(folder: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return openSync(folder, TMPFILE | constants.O_DIRECTORY | constants.O_RDWR | constants.O_EXCL, 0o600);
  } catch {
    return undefined;
  }
}

let opened = 0;

function openAndUnlink(folder: string): number | undefined {
  opened += 1;
  const path = join(folder, `stage3queue-${process.pid}-${performance.timeOrigin}-${opened}`);
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return fd;
  } catch {
    return undefined;
  }
}
