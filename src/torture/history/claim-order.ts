import type { ClaimOperation } from "../../storage/port.ts";
import type { LedgerTask } from "./ledger-task.ts";
import type { Places } from "./places.ts";
import type { Accuse } from "./rules.ts";

/** That a worker takes the task whose turn it is, of those whose functions it knows. */
export class ClaimOrder {
  readonly #places: Places;
  readonly #accuse: Accuse;
  /** By worker and topic: the functions that it has last claimed by. */
  readonly #known = new Map<string, ClaimOperation["functions"]>();

  constructor(places: Places, accuse: Accuse) {
    this.#places = places;
    this.#accuse = accuse;
  }

  /** A worker has claimed by these functions; what its turn starts at once comes after that claim. */
  knows(worker: string, topic: string, functions: ClaimOperation["functions"]): void {
    this.#known.set(keyOf(worker, topic), functions);
  }

  /** The task, which is still in its line, is given to that worker. */
  require(task: LedgerTask | undefined, worker: string): void {
    if (task === undefined) return;
    const functions = this.#known.get(keyOf(worker, task.topic));
    if (functions?.has(task.function) !== true) {
      return this.#accuse("known functions", `${worker} claimed ${task.id} of ${task.function}`);
    }
    const wanted = this.#places.nextReady(task.topic, functions);
    if (wanted === undefined || wanted === task) return;
    const rule = wanted.priority === task.priority ? "first in, first out" : "priority";
    this.#accuse(rule, `${task.id} was claimed, while ${wanted.id} stood before it`);
  }
}

function keyOf(worker: string, topic: string): string {
  return `${worker} ${topic}`;
}
