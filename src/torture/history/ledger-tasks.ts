import { hasEnded, mayHappen, type TaskState, type TransitionEvent } from "../../core/transitions.ts";
import type { LedgerTask } from "./ledger-task.ts";
import { Places } from "./places.ts";
import type { Accuse } from "./rules.ts";

/** The tasks that a ledger knows of, and how they go from one state to the next: only where the table of states lets them. */
export class LedgerTasks {
  readonly places: Places = new Places();
  readonly #tasks = new Map<string, LedgerTask>();
  readonly #accuse: Accuse;
  readonly #changed: (task: LedgerTask, removed: boolean) => void;
  #place = 0;

  /** `changed` is called after each change of a task's state. */
  constructor(accuse: Accuse, changed: (task: LedgerTask, removed: boolean) => void) {
    this.#accuse = accuse;
    this.#changed = changed;
  }

  get(id: string): LedgerTask | undefined {
    return this.#tasks.get(id);
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  add(task: LedgerTask): void {
    this.#tasks.set(task.id, task);
    this.#enter(task, "ready");
  }

  /** The end of all lines. */
  nextPlace(): number {
    this.#place += 1;
    return this.#place;
  }

  /** It goes to the dead-letter queue. */
  bury(task: LedgerTask, now: number): void {
    task.place = this.nextPlace();
    this.end(task, "bury", { state: "in_dead_letter_queue", now });
  }

  /** It has come to an end. */
  end(task: LedgerTask, event: TransitionEvent, { state, now }: { state: TaskState; now: number }): void {
    task.endedAt = now;
    this.move(task.id, event, state);
  }

  /** It goes to another state; undefined: there is no such task. */
  move(id: string, event: TransitionEvent, to: TaskState): LedgerTask | undefined {
    const task = this.require(id, event);
    if (task === undefined) return undefined;
    if (!mayHappen(event, task.state)) this.#accuse("end states", `${id} is ${task.state}, and there was a ${event}`);
    this.places.leave(task);
    this.#enter(task, to);
    return task;
  }

  #enter(task: LedgerTask, state: TaskState): void {
    task.state = state;
    this.places.enter(task);
    this.#changed(task, false);
  }

  /** It is known no more. */
  remove(task: LedgerTask | undefined): void {
    if (task === undefined) return;
    if (!hasEnded(task.state)) this.#accuse("lost", `${task.id} is ${task.state}, and was removed`);
    this.#tasks.delete(task.id);
    // What the heaps still hold of it is no longer true.
    task.endedAt = Number.NaN;
    this.#changed(task, true);
  }

  /** The task, which has to be there. */
  require(id: string, event: string): LedgerTask | undefined {
    const task = this.#tasks.get(id);
    if (task === undefined) this.#accuse("unexpected", `there was a ${event} of ${id}, which does not exist`);
    return task;
  }

  /** That this is the attempt that the task is in. */
  requireCurrent({ id, epoch }: { id: string; epoch: number }, what: string): void {
    const task = this.#tasks.get(id);
    if (task?.state === "running" && task.epoch === epoch) return;
    this.#accuse("fencing", `${what} of ${id} was taken for epoch ${epoch}, which is not its own`);
  }
}
