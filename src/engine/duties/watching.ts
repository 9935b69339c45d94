import type { Clock, Timer } from "../../core/clock.ts";
import type { Storage, Watch } from "../../storage/port.ts";
import type { ChangeHub } from "../change-hub.ts";
import type { Duty } from "./duty.ts";

/** For how long it goes on once nobody needs it: waits for results come one after another. */
const LINGER_MS = 1_000;

/** Notices what others change in the database, for as long as one of those who have started it has not stopped it. */
export class Watching implements Duty {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #hub: ChangeHub;
  #watch: Watch | undefined;
  #needs = 0;
  #lingering: Timer | undefined;

  constructor(parts: { storage: Storage; clock: Clock; hub: ChangeHub }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#hub = parts.hub;
  }

  /** From now on nothing is missed. What was there before is for the caller to read. */
  start(): void {
    this.#needs += 1;
    this.#watch ??= this.#storage.watch(() => this.#hub.lookAround());
  }

  stop(): void {
    this.#needs -= 1;
    if (this.#needs > 0 || this.#watch === undefined) return;
    this.#lingering ??= this.#clock.setTimer(LINGER_MS, () => {
      this.#lingering = undefined;
      if (this.#needs === 0) this.close();
    });
  }

  /** Ends it whoever needs it. */
  close(): void {
    this.#lingering?.cancel();
    this.#lingering = undefined;
    this.#watch?.stop();
    this.#watch = undefined;
  }
}
