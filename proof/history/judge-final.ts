import { statusOf } from "../../src/core/transitions.ts";
import type { FinalState } from "./events.ts";
import type { LedgerTask } from "./ledger-task.ts";
import type { Accuse } from "./rules.ts";

/** Holds what the database says of a task at the end against what the commits have made of it. */
export function judgeFinal(final: FinalState, task: LedgerTask | undefined, accuse: Accuse): void {
  const { id, status, attempt, result, failures } = final;
  if (task === undefined) {
    if (status !== undefined) accuse("unexpected", `${id} is ${status}, and was removed or never stored`);
    return;
  }
  if (status === undefined) return accuse("lost", `${id} is gone, and nobody has removed it`);
  const expected = statusOf(task.state);
  if (status !== expected) accuse("end states", `${id} is ${status} at last in place of ${expected}`);
  if (attempt !== task.attempt) accuse("attempts", `${id} has counted ${attempt} attempts in place of ${task.attempt}`);
  if (status === "finished" && result !== task.result)
    accuse("end states", `${id} holds ${String(result)} in place of ${String(task.result)}`);
  if (failures !== undefined && failures !== task.failures)
    accuse("failures", `${failures} failures of ${id} were recorded, and ${task.failures} of its attempts have failed`);
}
