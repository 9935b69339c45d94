import type { Stage3Event } from "../core/events.ts";

/** How the latest attempt of a task ended. */
export type AttemptEnd = "finished" | "restarting" | "inDeadLetterQueue" | "aborted";

/** How the latest attempt of each task ended, in the order in which they did. */
export class AttemptEnds {
  readonly #ends: Map<string, AttemptEnd> = new Map();

  clear(): void {
    this.#ends.clear();
  }

  take(event: Stage3Event): void {
    switch (event.name) {
      case "finished":
      case "aborted":
        return this.#put(event.taskId, event.name);
      case "failed":
        return this.#put(event.taskId, event.restart ? "restarting" : "inDeadLetterQueue");
      default:
    }
  }

  /** The ids of the tasks whose latest attempt ended so. */
  idsOf(end: AttemptEnd): string[] {
    return Array.from(this.#ends).flatMap(([id, ended]) => (ended === end ? [id] : []));
  }

  #put(id: string, end: AttemptEnd): void {
    this.#ends.delete(id);
    this.#ends.set(id, end);
  }
}
