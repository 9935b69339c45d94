import type { MemoryLimit } from "./memory-limit.ts";
import { ResidentBytes } from "./resident-bytes.ts";

/** Has the size of this process watched while an attempt runs that has a limit. */
export class MemoryWatch {
  readonly #limit: MemoryLimit;
  readonly #wake: () => void;
  #resident: ResidentBytes | undefined;

  constructor(limit: MemoryLimit, wake: () => void) {
    this.#limit = limit;
    this.#wake = wake;
  }

  /**
   * Called before attempt number `run` of this process begins. False: what ran before has left the process too large
   * for it. The very first attempt has nobody before it, and is watched in any case.
   */
  begin(run: number, limitBytes: number): boolean {
    this.#resident ??= new ResidentBytes();
    if (run > 1 && this.#resident.read() > limitBytes) return false;
    if (this.#limit.begin(run, limitBytes)) this.#wake();
    return true;
  }

  /** Called when it has ended. Tells whether the process has stayed small enough, or is being killed by now. */
  end(run: number, limitBytes: number): "fit" | "swollen" | "condemned" {
    if (!this.#limit.end(run)) return "condemned";
    return this.#resident !== undefined && this.#resident.read() > limitBytes ? "swollen" : "fit";
  }
}
