import type { AttemptBegan, AttemptOver, FinalState, WorkerEvent } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** The latest attempt of a task that has begun since it was enqueued or requeued. */
interface Latest {
  readonly run: string;
  readonly attempt: number;
  readonly worker: string;
  readonly mayTimeOut: boolean;
  /** Its handler has come to its end by itself, or others may have been begun since. */
  isOver: boolean;
}

/**
 * How attempts are numbered, as far as handlers see it, where no commits tell more: each number is begun once, unless the
 * attempt was given back, and none is above the limit.
 */
export class AttemptNumbers {
  readonly #maxRestarts: Readonly<Record<string, number>>;
  readonly #accuse: Accuse;
  readonly #topics = new Map<string, string>();
  readonly #latest = new Map<string, Latest>();
  /** Workers that were asked to stop, and give back what they have not ended. */
  readonly #stopping = new Set<string>();
  /** Workers that have stopped, with the number of those that had died until then. */
  readonly #stopped = new Map<string, number>();
  #deaths = 0;

  /** `maxRestarts`: by topic; a topic that is not in it is not judged. */
  constructor(maxRestarts: Readonly<Record<string, number>>, accuse: Accuse) {
    this.#maxRestarts = maxRestarts;
    this.#accuse = accuse;
  }

  /** It may have been requeued: its attempts are counted from 0. */
  requeued(id: string): void {
    this.#latest.delete(id);
  }

  began({ id, run, attempt, topic, worker, mayTimeOut = false }: AttemptBegan): void {
    const maxRestarts = this.#maxRestarts[topic];
    if (maxRestarts === undefined) return;
    this.#topics.set(id, topic);
    if (attempt > 1 + maxRestarts) this.#accuse("attempts", `${id} began attempt ${attempt} of ${1 + maxRestarts}`);
    const before = this.#latest.get(id);
    this.#latest.set(id, { run, attempt, worker, mayTimeOut, isOver: false });
    if (before === undefined) return;
    const mayBeGivenBack = this.#stopping.has(before.worker);
    if (attempt < before.attempt || (attempt === before.attempt && !mayBeGivenBack)) {
      this.#accuse("attempts", `attempt ${attempt} of ${id} began after attempt ${before.attempt}`);
    }
    if (attempt > before.attempt && this.#wasGivenBack(before)) {
      this.#accuse("stop", `attempt ${before.attempt} of ${id} was cut short by a stop, and was counted`);
    }
  }

  /** It began in a worker that may have been taken for dead, so that nobody knows whether that attempt was counted. */
  beganFenced(id: string): void {
    const latest = this.#latest.get(id);
    if (latest !== undefined) latest.isOver = true;
  }

  over({ run, how }: AttemptOver, id: string | undefined): void {
    const latest = id === undefined ? undefined : this.#latest.get(id);
    if (latest?.run === run && how !== "killed") latest.isOver = true;
  }

  worker({ worker, event }: WorkerEvent): void {
    if (event === "stopping") this.#stopping.add(worker);
    if (event === "stopped") this.#stopped.set(worker, this.#deaths);
    if (event === "crashed" || event === "stalled") this.#deaths += 1;
  }

  final({ id, status, attempt }: FinalState): void {
    const topic = this.#topics.get(id);
    const maxRestarts = topic === undefined ? undefined : this.#maxRestarts[topic];
    if (maxRestarts === undefined || status === undefined) return;
    if (attempt > 1 + maxRestarts) this.#accuse("attempts", `${id} has counted ${attempt} attempts`);
    if (status === "in_dead_letter_queue" && attempt !== 1 + maxRestarts) {
      this.#accuse("attempts", `${id} was given up after ${attempt} attempts`);
    }
  }

  /** Whether no other worker can have counted an attempt of it since: none has died. */
  #wasGivenBack({ worker, isOver, mayTimeOut }: Latest): boolean {
    return !isOver && !mayTimeOut && this.#stopped.get(worker) === this.#deaths;
  }
}
