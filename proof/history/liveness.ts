import type { Answer, Invocation, WorkerEvent } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** A call that waits for its answer. */
interface OpenCall {
  readonly worker: string;
  readonly what: string;
}

/**
 * What has to come to its end as long as its worker lives: every call, and every stop. Asked of histories with commits
 * alone: what processes write down may end before they do.
 */
export class Liveness {
  readonly #accuse: Accuse;
  readonly #open = new Map<number, OpenCall>();
  readonly #stopping = new Set<string>();
  readonly #dead = new Set<string>();
  #isWitnessed = false;

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  /** The storage has committed something. */
  witnessed(): void {
    this.#isWitnessed = true;
  }

  invoked({ call, worker, request }: Invocation): void {
    const what = "id" in request ? `${request.method} of ${request.id}` : request.method;
    this.#open.set(call, { worker, what });
  }

  answered({ call }: Answer): void {
    this.#open.delete(call);
  }

  worker({ worker, event }: WorkerEvent): void {
    if (event === "crashed") this.#dead.add(worker);
    if (event === "stopping") this.#stopping.add(worker);
    if (event === "crashed" || event === "stopped") this.#stopping.delete(worker);
  }

  /** Every task has ended, and only now the last workers are stopped, which would answer whatever is left. */
  final(): void {
    this.#judgeCalls();
  }

  /** The history is over. */
  end(): void {
    this.#judgeCalls();
    if (!this.#isWitnessed) return;
    for (const worker of this.#stopping) this.#accuse("liveness", `${worker} was asked to stop, and never stopped`);
  }

  #judgeCalls(): void {
    if (!this.#isWitnessed) return;
    for (const [call, { worker, what }] of this.#open) {
      if (!this.#dead.has(worker)) this.#accuse("liveness", `call ${call} of ${worker}, ${what}, was never answered`);
    }
    // Each is told once.
    this.#open.clear();
  }
}
