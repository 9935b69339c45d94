import { hasEnded, mayHappen, type TaskState, type TransitionEvent } from "../../src/core/transitions.ts";
import type { NewTask } from "../../src/storage/port.ts";
import { type LedgerTask, newLedgerTask } from "./ledger-task.ts";
import { Places } from "./places.ts";
import type { Accuse, Restarts } from "./rules.ts";

export interface LedgerTasksParts {
  readonly accuse: Accuse;
  readonly restarts: Restarts | undefined;
  /** Called after each change of a task's state. */
  readonly changed: (task: LedgerTask, removed: boolean) => void;
}

/** The tasks that a storage has to hold. Each change of a state is held against the table of transitions. */
export class LedgerTasks {
  readonly places: Places = new Places();
  readonly #parts: LedgerTasksParts;
  readonly #tasks = new Map<string, LedgerTask>();
  #place = 0;

  constructor(parts: LedgerTasksParts) {
    this.#parts = parts;
  }

  get(id: string): LedgerTask | undefined {
    return this.#tasks.get(id);
  }

  add(task: NewTask): void {
    const added = newLedgerTask(task, this.nextPlace(), this.#parts.restarts);
    this.#tasks.set(task.id, added);
    this.#enter(added, "ready");
  }

  /** The end of every line. */
  nextPlace(): number {
    return ++this.#place;
  }

  move(id: string, event: TransitionEvent, to: TaskState): void {
    const task = this.require(id, event);
    if (task === undefined) return;
    if (!mayHappen(event, task.state))
      this.#parts.accuse("end states", `${id} is ${task.state}, and there was a ${event}`);
    this.places.leave(task);
    this.#enter(task, to);
  }

  end(task: LedgerTask, event: TransitionEvent, { state, now }: { state: TaskState; now: number }): void {
    task.endedAt = now;
    this.move(task.id, event, state);
  }

  bury(task: LedgerTask, now: number): void {
    task.place = this.nextPlace();
    this.end(task, "bury", { state: "in_dead_letter_queue", now });
  }

  remove(task: LedgerTask | undefined): void {
    if (task === undefined) return;
    if (!hasEnded(task.state)) this.#parts.accuse("lost", `${task.id} is ${task.state}, and was removed`);
    this.#tasks.delete(task.id);
    // What the heaps still hold of it is no longer true.
    task.endedAt = Number.NaN;
    this.#parts.changed(task, true);
  }

  require(id: string, event: string): LedgerTask | undefined {
    const task = this.#tasks.get(id);
    if (task === undefined) this.#parts.accuse("unexpected", `there was a ${event} of ${id}, which does not exist`);
    return task;
  }

  #enter(task: LedgerTask, state: TaskState): void {
    task.state = state;
    this.places.enter(task);
    this.#parts.changed(task, false);
  }
}
