import { Rescuer, type RescuerParts } from "./rescuer.ts";

/**
 * Rescue by an Engine that runs no worker, for as long as somebody waits there for a running task to be stopped: where
 * its worker is gone and no other one runs, nobody else would end it.
 */
export class RescueMeanwhile {
  readonly #parts: RescuerParts;
  readonly #leaseMs: number;
  #waiting = 0;
  #rescuer: Rescuer | undefined;

  constructor(parts: Omit<RescuerParts, "isSelf" | "isPredecessor">, leaseMs: number) {
    this.#parts = { ...parts, isSelf: () => false, isPredecessor: () => false };
    this.#leaseMs = leaseMs;
  }

  /** The value of `wait`, with workers that are gone being rescued until then. */
  async during<Value>(wait: () => Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    if (this.#rescuer === undefined) {
      this.#rescuer = new Rescuer(this.#parts);
      void this.#rescuer.start(this.#leaseMs);
    }
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        const rescuer = this.#rescuer;
        this.#rescuer = undefined;
        await rescuer?.stop();
      }
    }
  }
}
