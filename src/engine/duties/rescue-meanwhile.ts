import { Rescue, type RescueParts } from "./rescue.ts";

/**
 * Rescue by an Engine that runs no worker, for as long as somebody waits there for a running task to be stopped: where
 * its worker is gone and no other one runs, nobody else would end it.
 */
export class RescueMeanwhile {
  readonly #parts: RescueParts;
  #waiting = 0;
  #rescuer: Rescue | undefined;

  constructor(parts: Omit<RescueParts, "isSelf" | "isPredecessor">) {
    this.#parts = { ...parts, isSelf: () => false, isPredecessor: () => false };
  }

  /** The value of `wait`, with workers that are gone being rescued until then. */
  async during<Value>(wait: () => Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    if (this.#rescuer === undefined) {
      this.#rescuer = new Rescue(this.#parts);
      void this.#rescuer.start();
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
