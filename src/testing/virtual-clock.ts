import { type Clock, systemClock, type Timer } from "../core/clock.ts";

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Where it starts unless told otherwise: at the beginning of 2026, UTC. */
const START = Date.UTC(2026, 0, 1);

/** How often the event loop is turned to let promises and deferred callbacks run out. */
const DRAIN_ROUNDS = 20;

/** A clock that stands still until a test moves it. Ordinary async code runs on it unchanged. */
export class VirtualClock implements Clock {
  readonly #timers: Set<Scheduled> = new Set();
  #wall: number;
  #monotonic = 0;
  #order = 0;
  #deferred = 0;

  constructor(now: number = START) {
    this.#wall = now;
  }

  /** In whole milliseconds, as a real one. */
  now(): number {
    return Math.floor(this.#wall);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const scheduled = { at: this.#monotonic + Math.max(delayMs, 0), order: this.#order++, callback };
    this.#timers.add(scheduled);
    return { cancel: () => void this.#timers.delete(scheduled) };
  }

  defer(callback: () => void): void {
    this.#deferred += 1;
    systemClock.defer(() => {
      this.#deferred -= 1;
      callback();
    });
  }

  /** How many timers are set. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as an administrator or NTP would. */
  jump(byMs: number): void {
    this.#wall += byMs;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < DRAIN_ROUNDS;) {
      await new Promise<void>((resolve) => systemClock.defer(resolve));
      quiet = this.#deferred === 0 ? quiet + 1 : 0;
    }
  }

  /**
   * Moves the time on, firing each timer at its moment and letting what follows from it happen: `settle` is awaited
   * before the first and after each of them.
   */
  async advance(byMs: number, settle: () => Promise<void> = () => this.settle()): Promise<void> {
    const target = this.#monotonic + byMs;
    await settle();
    while (this.#fireNext(target)) await settle();
    this.#moveTo(target);
  }

  /** Moves the time on to the next timer and fires it. False: there is none. */
  async advanceToNext(): Promise<boolean> {
    const fired = this.#fireNext(Number.POSITIVE_INFINITY);
    await this.settle();
    return fired;
  }

  #fireNext(target: number): boolean {
    const next = this.#next(target);
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#moveTo(next.at);
    next.callback();
    return true;
  }

  /** Never back: the time may have been moved further in the meantime. */
  #moveTo(monotonic: number): void {
    if (monotonic <= this.#monotonic) return;
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #next(target: number): Scheduled | undefined {
    let next: Scheduled | undefined;
    for (const timer of this.#timers) {
      if (timer.at > target) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
