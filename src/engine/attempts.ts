import type { TaskState } from "../core/transitions.ts";
import type { AttemptKey, ClaimedTask } from "../storage/port.ts";
import type { ChangeHub } from "./change-hub.ts";
import { Attempt, type AttemptParts } from "./attempt.ts";
import type { Queue } from "./queue.ts";

/** An attempt that runs here, and what becomes of it. */
interface Following {
  readonly attempt: Attempt;
  /** Resolves when it can have no further effect. */
  readonly over: Promise<unknown>;
  /** Resolves with the task's state once that is recorded; undefined where the attempt was no longer current. */
  readonly state: Promise<TaskState | undefined>;
}

/** What they are run with. */
export interface AttemptsParts extends AttemptParts {
  readonly hub: ChangeHub;
}

/** The attempts of one worker, each from its claim until its end is recorded. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #attempts = new Map<string, Following>();

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  start(task: ClaimedTask, queue: Queue): void {
    queue.slotTaken();
    const attempt = new Attempt(task, queue, this.#parts);
    const over = attempt.over();
    const state = over.then((outcome) => {
      queue.slotFreed();
      const settled = attempt.settle(outcome);
      this.#parts.turns.wake();
      return settled;
    });
    this.#attempts.set(task.id, { attempt, over, state });
    // It rejects where the instance stops before its storage is there again.
    void state.then((ended) => this.#recorded(attempt, ended)).catch(() => undefined);
  }

  /** Stops one. Undefined: it does not run here. Resolves with the state its task then has. */
  abort(id: string, epoch: number): Promise<TaskState | undefined> | undefined {
    const following = this.#attempts.get(id);
    if (following === undefined || following.attempt.task.epoch !== epoch) return undefined;
    following.attempt.cut("abort");
    return following.state;
  }

  /** Stops all, unrecorded: others have taken them over. Resolves when nothing of them is left. */
  async loseAll(): Promise<void> {
    for (const { attempt } of this.#attempts.values()) attempt.cut("lease_lost");
    await this.#allOver();
  }

  /** Gives back what has not begun, lets the rest end within its queue's `shutdownGrace`, and asks what is left to end. */
  async endAll(): Promise<void> {
    for (const { attempt } of this.#attempts.values()) attempt.stop();
    await this.#allOver();
  }

  keys(): AttemptKey[] {
    return [...this.#attempts.values()].map(({ attempt: { task } }) => ({ id: task.id, epoch: task.epoch }));
  }

  async #allOver(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map(({ over }) => over));
  }

  #recorded(attempt: Attempt, state: TaskState | undefined): void {
    if (this.#attempts.get(attempt.task.id)?.attempt === attempt) this.#attempts.delete(attempt.task.id);
    // By somebody else, or by a turn whose answer was lost.
    if (state === undefined) this.#parts.hub.lookAround();
  }
}
