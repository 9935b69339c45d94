/** Where, in the memory that a child's main thread shares with its watchdog, is what. */
const RUN = 0;
const LIMIT_KIB = 1;
const IS_WATCHED = 2;
const PLACES = 3;

/** In place of a run: none that has a limit. */
const NONE = 0;
/** In place of a run: the watchdog kills this process. */
const CONDEMNED = -1;

/** What fits into one place, 2 TB. */
const LARGEST_KIB = 2 ** 31 - 1;

/**
 * The limit of the attempt that runs in this child, in memory that the main thread shares with the watchdog: the former
 * may be busy when the latter has to judge. Whoever comes first decides: an attempt that has ended is not killed any
 * more, and one that is being killed does not end.
 */
export class MemoryLimit {
  readonly buffer: SharedArrayBuffer;
  readonly #places: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#places = new Int32Array(buffer);
  }

  /** Main thread: from now on `run` may not make this process larger than `bytes`. True: the watchdog is asleep. */
  begin(run: number, bytes: number): boolean {
    Atomics.store(this.#places, LIMIT_KIB, Math.min(Math.ceil(bytes / 1024), LARGEST_KIB));
    Atomics.store(this.#places, RUN, run);
    return Atomics.exchange(this.#places, IS_WATCHED, 1) === 0;
  }

  /** Main thread: the run is over. False: too late, this process is being killed for what the run took. */
  end(run: number): boolean {
    return Atomics.compareExchange(this.#places, RUN, run, NONE) === run;
  }

  /** Watchdog: the run that is to be watched, if there is one. */
  current(): { readonly run: number; readonly limitBytes: number } | undefined {
    const run = Atomics.load(this.#places, RUN);
    if (run === NONE || run === CONDEMNED) return undefined;
    return { run, limitBytes: Atomics.load(this.#places, LIMIT_KIB) * 1024 };
  }

  /** Watchdog: decides to kill this process for what `run` took. False: that is over. */
  condemn(run: number): boolean {
    return Atomics.compareExchange(this.#places, RUN, run, CONDEMNED) === run;
  }

  /** Watchdog: goes to sleep. False: a run has begun meanwhile, which took it for awake. */
  sleep(): boolean {
    Atomics.store(this.#places, IS_WATCHED, 0);
    return this.current() === undefined || Atomics.exchange(this.#places, IS_WATCHED, 1) === 1;
  }
}
