import type { Operation, OperationResults, SettleOperation } from "../../src/storage/port.ts";
import type { AttemptBegan, AttemptOver, Commit } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** A task that was claimed, and what its handler did since. */
interface Current {
  readonly worker: string;
  readonly attempt: number;
  run?: string;
  over?: AttemptOver;
}

/** Whether what is recorded of each attempt fits how its handler ended. Asked of histories with commits. */
export class Outcomes {
  readonly #accuse: Accuse;
  /** By task. */
  readonly #current = new Map<string, Current>();
  readonly #byRun = new Map<string, Current>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  began({ run, id, attempt, worker }: AttemptBegan): void {
    const current = this.#current.get(id);
    if (current?.worker !== worker || current.attempt !== attempt) return;
    current.run = run;
    this.#byRun.set(run, current);
  }

  over(event: AttemptOver): void {
    const current = this.#byRun.get(event.run);
    if (current !== undefined) current.over = event;
  }

  committed({ worker, operations, outcomes }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      for (const { id, attempt } of claimedBy(operation, outcome.value)) this.#current.set(id, { worker, attempt });
      if (operation.kind === "settle") this.#settled(operation, outcome.value as OperationResults["settle"]);
    }
  }

  #settled({ id, outcome }: SettleOperation, result: OperationResults["settle"]): void {
    const current = this.#current.get(id);
    if (result.kind !== "settled" || current === undefined) return;
    this.#current.delete(id);
    const { run, over } = current;
    if ("failure" in outcome) {
      // What cannot be read is not run.
      if (run === undefined && outcome.failure.code !== "TASK_UNREADABLE")
        this.#accuse("blame", `${id} counted as failed, and its handler was never called`);
      if (over?.how === "disturbed") this.#accuse("blame", `${id} counted as failed for what another task had left`);
      if (over?.signalled === "shutdown") this.#accuse("stop", `${id} was cut short by a stop, and counted as failed`);
    } else if (outcome.kind === "giveBack" && over?.how === "finished") {
      this.#accuse("stop", `${id} had returned, and was given back`);
    }
  }
}

function claimedBy(operation: Operation, value: unknown): readonly { id: string; attempt: number }[] {
  switch (operation.kind) {
    case "claim":
      return value as OperationResults["claim"];
    case "enqueue": {
      const result = value as OperationResults["enqueue"];
      return result.kind === "claimed" ? [result.task] : [];
    }
    case "enqueueMany": {
      const result = value as OperationResults["enqueueMany"];
      return result.kind === "stored" ? result.claimed : [];
    }
    default:
      return [];
  }
}
