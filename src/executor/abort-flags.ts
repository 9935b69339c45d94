import type { AbortReason } from "./port.ts";

const REASONS: readonly AbortReason[] = ["abort", "timeout", "shutdown", "lease_lost"];

/** How many bits of a flag hold its reason; the others hold the number of the run. */
const REASON_BITS = 2;

/**
 * Which runs are to stop, in memory that several threads share: a handler that never returns to its event loop hears of
 * it by looking there. A flag names the run that it is meant for, so that a later one in the same place never takes it
 * for its own.
 */
export class AbortFlags {
  readonly buffer: SharedArrayBuffer;
  readonly #flags: Int32Array;

  /** @param places how many runs there may be at once; where there are more, one may overwrite the flag of another. */
  constructor(places: number | SharedArrayBuffer) {
    this.buffer = typeof places === "number" ? new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT) : places;
    this.#flags = new Int32Array(this.buffer);
  }

  raise(run: number, reason: AbortReason): void {
    Atomics.store(this.#flags, run % this.#flags.length, flagOf(run, reason));
  }

  /** As {@link raise}, with what {@link packFlag} has made; of several together the last counts. */
  raisePacked(bytes: Buffer): void {
    const last = bytes.length - (bytes.length % Int32Array.BYTES_PER_ELEMENT) - Int32Array.BYTES_PER_ELEMENT;
    if (last < 0) return;
    const flag = bytes.readInt32LE(last);
    Atomics.store(this.#flags, (flag >> REASON_BITS) % this.#flags.length, flag);
  }

  /** Why the run is to stop; undefined: it is not. */
  reasonOf(run: number): AbortReason | undefined {
    const flag = Atomics.load(this.#flags, run % this.#flags.length);
    return flag !== 0 && flag >> REASON_BITS === run ? REASONS[flag & (2 ** REASON_BITS - 1)] : undefined;
  }

  /** Takes back all that was raised: runs are counted anew. */
  clear(): void {
    this.#flags.fill(0);
  }
}

/** A flag as bytes, for the pipe to a child. */
export function packFlag(run: number, reason: AbortReason): Buffer {
  const bytes = Buffer.allocUnsafe(Int32Array.BYTES_PER_ELEMENT);
  bytes.writeInt32LE(flagOf(run, reason));
  return bytes;
}

/** Run and reason in one number, so that they are written and read as one. Runs count from 1. */
function flagOf(run: number, reason: AbortReason): number {
  return (run << REASON_BITS) | REASONS.indexOf(reason);
}
