import { performance } from "node:perf_hooks";

/** The least that counts as waiting: less may be the time in which this thread is woken. */
const LEAST_MS = 1;

/** Tells whether this thread's event loop stands idle during an attempt. */
export class IdleTime {
  readonly #before = idleMs();

  /** Whether it has, from the begin of the attempt until now. */
  get hasPassed(): boolean {
    return idleMs() - this.#before >= LEAST_MS;
  }
}

function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}
