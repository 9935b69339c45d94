import type { TaskStatus } from "../../src/core/task.ts";
import type { AttemptOver, FinalState } from "./events.ts";
import type { Accuse } from "./rules.ts";
import type { Run } from "./runs.ts";

const ENDED: ReadonlySet<TaskStatus | undefined> = new Set(["finished", "in_dead_letter_queue", "aborted"]);

/** How tasks end: each in one state, with the result of one of its own attempts, and none of them lost. */
export class Ends {
  readonly #accuse: Accuse;
  /** By task: what its attempts have returned, each with their number. */
  readonly #results = new Map<string, Set<string>>();
  readonly #finals = new Map<string, FinalState>();
  readonly #removed = new Set<string>();
  readonly #abortAsked = new Set<string>();
  readonly #ran = new Set<string>();
  readonly #prunes: boolean;

  constructor(accuse: Accuse, prunes: boolean) {
    this.#accuse = accuse;
    this.#prunes = prunes;
  }

  abortAsked(id: string): void {
    this.#abortAsked.add(id);
  }

  /** It was pruned or discarded, so that nobody has to know it. */
  removed(id: string): void {
    this.#removed.add(id);
  }

  began(id: string): void {
    this.#ran.add(id);
  }

  over({ how, result }: AttemptOver, run: Run | undefined): void {
    if (how !== "finished" || run === undefined) return;
    this.#results.set(run.id, (this.#results.get(run.id) ?? new Set()).add(keyOf(run.attempt, result)));
  }

  final(event: FinalState): void {
    const { id, status, attempt, result } = event;
    this.#finals.set(id, event);
    if (status === undefined) return;
    if (!ENDED.has(status)) this.#accuse("every task ends", `${id} is ${status} although nothing fails any more`);
    if (status === "aborted" && !this.#abortAsked.has(id)) {
      this.#accuse("end states", `${id} is aborted, which nobody has asked for`);
    }
    if (status === "finished" && this.#results.get(id)?.has(keyOf(attempt, result)) !== true) {
      this.#accuse(
        "end states",
        `${id} is finished with ${String(result)}, which its attempt ${attempt} has not returned`,
      );
    }
  }

  /** Once all has been said. */
  summary(acknowledged: ReadonlySet<string>, unknownEnqueues: number): Summary {
    let lost = 0;
    for (const id of acknowledged) {
      if (this.#removed.has(id) || this.#finals.get(id)?.status !== undefined) continue;
      if (this.#prunes && (this.#results.has(id) || this.#abortAsked.has(id))) continue;
      lost += 1;
      this.#accuse("lost", `${id} was acknowledged, and is lost`);
    }
    const present = [...this.#finals.values()].filter(({ status }) => status !== undefined).map(({ id }) => id);
    const strangers = new Set([...present, ...this.#ran]).difference(acknowledged);
    const unexpected = Math.max(strangers.size - unknownEnqueues, 0);
    if (unexpected > 0) this.#accuse("unexpected", `${unexpected} tasks are there that nobody has enqueued`);
    const duplicated = [...this.#results.values()].filter((results) => results.size > 1).length;
    return { lost, unexpected, duplicated, recovered: strangers.size - unexpected };
  }
}

function keyOf(attempt: number, result: string | undefined): string {
  return `${attempt} ${result}`;
}

export interface Summary {
  readonly lost: number;
  readonly unexpected: number;
  readonly duplicated: number;
  readonly recovered: number;
}
