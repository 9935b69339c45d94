import { systemClock, type Timer } from "../../src/core/clock.ts";
import type { Random } from "../../src/core/random.ts";
import { Heap } from "../../src/storage/heap.ts";

interface Scheduled {
  readonly at: number;
  /** Decides between events of one moment. */
  readonly tie: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * The time of a simulation: a heap of events, of which the earliest happens next, and of those of one moment whichever
 * the seed says. Between two of them the event loop is drained, so that ordinary async code runs unchanged.
 */
export class VirtualTime {
  readonly #random: Random;
  readonly #events = new Heap<Scheduled>((a, b) => a.at < b.at || (a.at === b.at && a.tie < b.tie));
  #now = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const event = { at: this.#now + Math.max(delayMs, 0), tie: this.#random.fraction(), callback, cancelled: false };
    this.#events.push(event);
    return { cancel: () => void (event.cancelled = true) };
  }

  /** Lets events happen until `isOver` answers true, or `untilMs` has come. Answers whether it was over before that. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<boolean> {
    await drain();
    for (;;) {
      if (isOver()) return true;
      const next = this.#events.peek();
      if (next === undefined || next.at > untilMs) break;
      this.#events.pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.callback();
      await drain();
    }
    this.#now = Math.max(this.#now, untilMs);
    return false;
  }
}

/** Resolves when no promise is left that could go on by itself. */
function drain(): Promise<void> {
  return new Promise((resolve) => systemClock.defer(resolve));
}
