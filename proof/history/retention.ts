import type { OperationResults, PruneOperation } from "../../src/storage/port.ts";
import type { Commit } from "./events.ts";
import type { Accuse, Rules } from "./rules.ts";

/** That ended tasks are kept for as long as they have to be. */
export class Retention {
  readonly #retentionMs: Rules["retentionMs"];
  readonly #accuse: Accuse;
  /** By worker: how far ahead its wall clock has ever been seen, since it may jump back while an operation waits. */
  readonly #offsetsMs = new Map<string, number>();

  constructor(retentionMs: Rules["retentionMs"], accuse: Accuse) {
    this.#retentionMs = retentionMs;
    this.#accuse = accuse;
  }

  committed({ operations, outcomes, at, trueMs, worker }: Commit): void {
    const offsetMs = Math.max(at - trueMs, this.#offsetsMs.get(worker) ?? Number.NEGATIVE_INFINITY);
    this.#offsetsMs.set(worker, offsetMs);
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (operation.kind !== "prune" || outcome?.ok !== true) continue;
      this.#pruned(operation, outcome.value as OperationResults["prune"], trueMs + offsetMs);
    }
  }

  #pruned({ state, endedBefore }: PruneOperation, { removed }: OperationResults["prune"], latestNow: number): void {
    const keptMs = this.#retentionMs?.[state] ?? 0;
    if (removed > 0 && endedBefore > latestNow - keptMs)
      this.#accuse("lost", `${state} tasks were not kept ${keptMs} ms`);
  }
}
