import { killGroup } from "../../executor/process-group.ts";

/** More children than this are still ended with their parent, by their own watchdogs. */
const PLACES = 4_096;

/**
 * The pids of the children that run, in memory that two threads share: the Engine's thread writes them as children
 * come and go; the main thread reads them when that thread has died and can tell nobody any more.
 */
export class ChildTable {
  readonly buffer: SharedArrayBuffer;
  readonly #pids: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#pids = new Int32Array(buffer);
  }

  add(pid: number): void {
    for (let place = 0; place < this.#pids.length; place += 1) {
      if (Atomics.compareExchange(this.#pids, place, 0, pid) === 0) return;
    }
  }

  remove(pid: number): void {
    const place = this.#pids.indexOf(pid);
    if (place >= 0) Atomics.compareExchange(this.#pids, place, pid, 0);
  }

  /** Kills the process group of every child that is still in the table, and empties it. */
  killAll(): void {
    for (let place = 0; place < this.#pids.length; place += 1) {
      const pid = Atomics.exchange(this.#pids, place, 0);
      if (pid !== 0) killGroup(pid);
    }
  }
}
