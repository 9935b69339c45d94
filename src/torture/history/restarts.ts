import type { FinalState } from "./events.ts";
import type { LedgerTask } from "./ledger-task.ts";
import type { Accuse, Rules } from "./rules.ts";

/** How often a task is started again: as often as it was meant to be, and its failures are all kept. */
export class Restarts {
  readonly #restartsOf: Rules["restartsOf"];
  readonly #accuse: Accuse;

  constructor({ restartsOf }: Rules, accuse: Accuse) {
    this.#restartsOf = restartsOf;
    this.#accuse = accuse;
  }

  /** It was claimed, with so many restarts. */
  claimed({ id, topic, function: name, namedMaxRestarts, maxRestarts, starts }: LedgerTask): void {
    const meant = namedMaxRestarts ?? this.#restartsOf?.(topic, name) ?? maxRestarts;
    if (maxRestarts !== meant) this.#accuse("attempts", `${id} was claimed with ${maxRestarts} restarts, not ${meant}`);
    if (starts > 1 + maxRestarts) this.#accuse("attempts", `${id} was started ${starts} times`);
  }

  givenUp({ id, attempt, maxRestarts }: LedgerTask): void {
    const left = 1 + maxRestarts - attempt;
    if (left > 0) this.#accuse("attempts", `${id} was given up with ${left} restarts left`);
  }

  restarted({ id, attempt, maxRestarts }: LedgerTask): void {
    if (attempt > maxRestarts) this.#accuse("attempts", `${id} is to start again, with no restart left`);
  }

  final(task: LedgerTask, { id, attempt, failures }: FinalState): void {
    if (attempt !== task.attempt)
      this.#accuse("attempts", `${id} has counted ${attempt} attempts, not ${task.attempt}`);
    if (failures !== undefined && failures !== task.failures)
      this.#accuse("failures", `${failures} failures of ${id} are kept, of ${task.failures}`);
  }
}
