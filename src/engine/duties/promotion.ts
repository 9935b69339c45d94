import type { Clock, Timer } from "../../core/clock.ts";
import type { Storage, TaskChange } from "../../storage/port.ts";
import type { ChangeHub, ChangeSubscriber } from "../change-hub.ts";
import type { TurnLoop } from "../turn-loop.ts";
import type { Duty } from "./duty.ts";

const LARGEST_PROMOTION = 500;
/** Looked again at least this often, since the wall clock may jump. */
const LONGEST_LOOK_MS = 60_000;
const RETRY_MS = 250;

/** Moves tasks whose wait has ended into their lines, at the moment the first of them is due. */
export class Promotion implements Duty, ChangeSubscriber {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #turns: TurnLoop;
  readonly #hub: ChangeHub;
  #timer: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: { storage: Storage; clock: Clock; turns: TurnLoop; hub: ChangeHub }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#turns = parts.turns;
    this.#hub = parts.hub;
  }

  changed(changes: readonly TaskChange[]): void {
    for (const { dueAt } of changes) if (dueAt !== undefined) this.#arm(dueAt);
  }

  /** Looks when the next task is due; again a little later where the storage does not tell. Never rejects. */
  async look(): Promise<void> {
    try {
      const dueAt = await this.#storage.nextDueAt();
      if (dueAt !== undefined) this.#arm(dueAt);
    } catch {
      this.#arm(this.#clock.now() + RETRY_MS);
    }
  }

  async start(): Promise<void> {
    this.#hub.subscribe(this);
    await this.look();
  }

  stop(): void {
    this.#hub.unsubscribe(this);
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(dueAt: number): void {
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = dueAt;
    const delayMs = Math.min(Math.max(dueAt - this.#clock.now(), 0), LONGEST_LOOK_MS);
    this.#timer = this.#clock.setTimer(delayMs, () => void this.#promote());
  }

  async #promote(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    try {
      await this.#turns.submit({ kind: "promote", limit: LARGEST_PROMOTION });
      await this.look();
    } catch {
      // The turn loop reports a storage that is away; the tasks stay due.
      this.#arm(this.#clock.now() + RETRY_MS);
    }
  }
}
