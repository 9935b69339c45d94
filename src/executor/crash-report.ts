import { closeSync, openSync, readFileSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Tells a child that ran out of memory from one that was killed. V8 ends both with the same signal, and cannot run
 * JavaScript any more; but Node can write a diagnostic report in that moment, and names its trigger. The report goes to
 * a file that has no name any more, so it is gone with the parent whatever happens.
 */
export class CrashReport {
  /** To be handed to the child as its `CRASH_REPORT_FD`; undefined where such a file cannot be had. */
  readonly fd: number | undefined;

  constructor() {
    this.fd = openNameless();
  }

  /** Whether the child ran out of memory. Only once it has exited; closes the file. */
  close(): boolean {
    if (this.fd === undefined) return false;
    try {
      return readFileSync(this.fd, "latin1").includes('"trigger":"OOMError"');
    } catch {
      return false;
    } finally {
      closeSync(this.fd);
    }
  }
}

let opened = 0;

function openNameless(): number | undefined {
  if (process.platform === "win32") return undefined;
  opened += 1;
  const path = join(tmpdir(), `stage3queue-${process.pid}-${performance.timeOrigin}-${opened}`);
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return fd;
  } catch {
    return undefined;
  }
}
