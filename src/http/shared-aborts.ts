import type { Clock } from "../core/clock.ts";
import { abortOutcome, type AbortingBroker, type AbortOutcome } from "./abort-outcome.ts";

/**
 * Aborts tasks for many callers. Whoever asks before the first caller is answered gets the same answer, also when the
 * task ends between the two: to both it was alive.
 */
export class SharedAborts {
  readonly #broker: AbortingBroker;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Promise<AbortOutcome>>();

  constructor(broker: AbortingBroker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
  }

  abort(id: string): Promise<AbortOutcome> {
    const underWay = this.#underWay.get(id);
    if (underWay !== undefined) return underWay;
    const started = this.#abort(id).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, started);
    return started;
  }

  async #abort(id: string): Promise<AbortOutcome> {
    const outcome = await abortOutcome(this.#broker, id);
    // Calls that have arrived, but were not read yet, come first.
    await new Promise<void>((resolve) => this.#clock.defer(resolve));
    return outcome;
  }
}
