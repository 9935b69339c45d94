import type { WorkerEvent } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** That a graceful stop comes to its end, unless the worker dies over it. */
export class Stops {
  readonly #accuse: Accuse;
  readonly #stopping = new Set<string>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  worker({ worker, event }: WorkerEvent): void {
    if (event === "stopping") this.#stopping.add(worker);
    if (event === "stopped" || event === "crashed") this.#stopping.delete(worker);
  }

  /** Nothing more happens. */
  over(): void {
    for (const worker of this.#stopping) this.#accuse("stop", `${worker} was told to stop, and never had`);
  }
}
