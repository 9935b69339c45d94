import { type FSWatcher, watch as watchFile } from "node:fs";
import type { Clock, Timer } from "../../../core/clock.ts";
import type { Watch } from "../../port.ts";

/** How often SQLite is asked whether another connection has committed something. */
const POLL_MS = 20;
/** When it is asked once the log was written to: a commit shows only after the log is synchronised. */
const SOON_MS = [1, 1, 2, 2, 2, 4, 4, 4, 4, 8, 8];

export interface WatchChangesParts {
  readonly clock: Clock;
  /** The path of the write-ahead log. */
  readonly log: string;
  /** SQLite's own counter of changes by other connections. */
  readonly dataVersion: () => number;
  readonly listener: () => void;
}

/**
 * Tells of commits by other connections. SQLite's counter is polled, which is the truth; a notice of the system that the
 * log was written to makes the next look come soon.
 */
export function watchChanges(parts: WatchChangesParts): Watch {
  const watch = new ChangeWatch(parts);
  return { stop: () => watch.stop() };
}

class ChangeWatch {
  readonly #parts: WatchChangesParts;
  readonly #hints: FSWatcher | undefined;
  #seen: number | undefined;
  #timer: Timer | undefined;
  /** How many looks have followed the latest notice; undefined: none are to follow. */
  #looks: number | undefined;
  /** A change was found a moment ago: what is written right after it is looked at together. */
  #isResting = false;

  constructor(parts: WatchChangesParts) {
    this.#parts = parts;
    this.#seen = this.#read();
    this.#hints = watchLog(parts.log, () => this.#hinted());
    this.#arm(POLL_MS);
  }

  stop(): void {
    this.#hints?.close();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The log was written to, by whomever. */
  #hinted(): void {
    if (this.#timer === undefined || this.#looks !== undefined || this.#isResting) return;
    this.#looks = 0;
    this.#look();
  }

  #look(): void {
    const seen = this.#read();
    const hasChanged = seen === undefined || seen !== this.#seen;
    this.#seen = seen;
    this.#isResting = hasChanged;
    if (hasChanged) this.#looks = undefined;
    this.#armNext();
    if (hasChanged) this.#parts.listener();
  }

  #armNext(): void {
    const soon = this.#looks === undefined ? undefined : SOON_MS[this.#looks];
    this.#looks = soon === undefined ? undefined : (this.#looks ?? 0) + 1;
    this.#arm(soon ?? POLL_MS);
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.setTimer(delayMs, () => this.#look());
  }

  /** Undefined: it cannot be told. */
  #read(): number | undefined {
    try {
      return this.#parts.dataVersion();
    } catch {
      return undefined;
    }
  }
}

/** Undefined where the system gives no notice. */
function watchLog(path: string, written: () => void): FSWatcher | undefined {
  try {
    const watcher = watchFile(path, { persistent: false }, written);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
