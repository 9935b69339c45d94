/** A timer that has been set and can be cancelled. */
export interface Timer {
  /** Cancels the timer; harmless once it has fired. */
  cancel(): void;
}

/** The one source of time. Production uses {@link systemClock}; tests and the simulator a virtual one. */
export interface Clock {
  /** Milliseconds since 1970. It may jump, so no order and no lease depends on it. */
  now(): number;
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` or more from now. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` once after the events that are already waiting, so that they can be gathered first. */
  defer(callback: () => void): void;
}

/** The longest delay of a timer that Node accepts; a longer one would fire at once there, so it is waited for in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

// Taken when this is loaded, so that the fake timers of a test that uses a queue never hold the queue itself up.
const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const partMs = Math.min(leftMs, LONGEST_TIMER_MS);
      handle = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  defer(callback) {
    setImmediate(callback);
  },
};

/** Resolves after `delayMs`, or as soon as `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = clock.setTimer(delayMs, wake);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
