import { type Clock, sleep } from "../../core/clock.ts";
import { killGroup } from "../../executor/process-group.ts";

/** More children than this are still ended with their parent, by their own watchdogs. */
const PLACES = 4_096;

/** The first two places are flags, each 0 or 1. */
const CLOSED = 0;
const STARTING = 1;
const FIRST_PID = 2;

/** How long the Engine's thread may take to reap its children once they have been killed. */
const REAPING_MS = 1_000;
const LOOK_AGAIN_MS = 2;

/**
 * The pids of the children that run, in memory that two threads share: the Engine's thread writes them as children
 * come and go; the main thread reads them when that thread has died and can tell nobody any more, or is to end at once.
 */
export class ChildTable {
  readonly buffer: SharedArrayBuffer;
  readonly #places: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer((FIRST_PID + PLACES) * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#places = new Int32Array(buffer);
  }

  /** Whether everything was ended at once: nothing is started or recorded any more. */
  get isClosed(): boolean {
    return Atomics.load(this.#places, CLOSED) === 1;
  }

  /**
   * Starts a child and enters its pid, which is its id. Until that is done the table does not count as empty.
   *
   * @throws Error when the table is closed.
   */
  start<Child extends { readonly id: number }>(startChild: () => Child): Child {
    Atomics.store(this.#places, STARTING, 1);
    try {
      if (this.isClosed) throw new Error("The instance was killed: no child is started any more.");
      const child = startChild();
      this.add(child.id);
      return child;
    } finally {
      Atomics.store(this.#places, STARTING, 0);
    }
  }

  add(pid: number): void {
    for (let place = FIRST_PID; place < this.#places.length; place += 1) {
      if (Atomics.compareExchange(this.#places, place, 0, pid) === 0) break;
    }
    // Closed meanwhile: whoever did that may have looked at this place before.
    if (this.isClosed) killGroup(pid);
  }

  remove(pid: number): void {
    const place = this.#places.indexOf(pid, FIRST_PID);
    if (place >= 0) Atomics.compareExchange(this.#places, place, pid, 0);
  }

  /**
   * Closes the table, kills the process group of every child in it, and lets the Engine's thread reap them: only the
   * loop that started a child can do that, and without it they stay as zombies of this process. Resolves when none is
   * left, the thread is gone, or it has had its time.
   */
  async end(clock: Clock, threadGone: Promise<unknown>): Promise<void> {
    Atomics.store(this.#places, CLOSED, 1);
    for (const pid of this.#places.subarray(FIRST_PID)) if (pid !== 0) killGroup(pid);
    const inVain = new AbortController();
    void threadGone.then(() => inVain.abort());
    const limit = clock.setTimer(REAPING_MS, () => inVain.abort());
    while (!this.#isEmpty && !inVain.signal.aborted) await sleep(clock, LOOK_AGAIN_MS, inVain.signal);
    limit.cancel();
  }

  /** Kills the process group of every child that is still in the table, and empties it: the Engine's thread is gone. */
  killAll(): void {
    Atomics.store(this.#places, STARTING, 0);
    for (let place = FIRST_PID; place < this.#places.length; place += 1) {
      const pid = Atomics.exchange(this.#places, place, 0);
      if (pid !== 0) killGroup(pid);
    }
  }

  get #isEmpty(): boolean {
    // The pid of a child that is being started is there before this flag goes.
    if (Atomics.load(this.#places, STARTING) === 1) return false;
    return this.#places.every((pid, place) => place < FIRST_PID || pid === 0);
  }
}
