import type { TaskState } from "../../core/transitions.ts";
import type { OperationResults, RescueOperation } from "../port.ts";
import { recordFailure } from "./failures.ts";
import { number, optionalNumber, text, type Row } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";
import { removeWorker } from "./workers.ts";

/** Condemns a worker that is gone, and takes over what it was running. */
export function rescue(turn: TurnContext, operation: RescueOperation): OperationResults["rescue"] {
  const { workers, selection } = turn.statements;
  const worker = workers.lease.get(operation.worker);
  if (worker === undefined) return { rescued: 0, done: true };
  if (number(worker, "condemned") === 0) {
    if (number(worker, "heartbeat") !== operation.heartbeat) return { rescued: 0, done: false };
    workers.condemn.run(operation.worker);
  }
  const rows = selection.runningOf.all(operation.worker, operation.limit + 1);
  const taken = rows.slice(0, operation.limit);
  for (const row of taken) rescueTask(turn, row, operation);
  const done = taken.length === rows.length;
  if (done) removeWorker(workers, operation.worker);
  return { rescued: taken.length, done };
}

function rescueTask(turn: TurnContext, row: Row, { failure }: RescueOperation): void {
  const { statements, counters, now } = turn;
  const task = number(row, "key");
  const attempt = number(row, "attempt");
  const topic = text(row, "topic");
  const state = rescuedState(row);
  statements.selection.rescue.run({ state, sequence: counters.nextSequence(), now, task });
  counters.moved(topic, "running", state);
  if (state === "ready") {
    counters.ready({ topic, priority: number(row, "priority"), function: text(row, "function") }, 1, false);
  }
  if (state !== "aborted") recordFailure(turn, { task, attempt, failure });
}

function rescuedState(row: Row): TaskState {
  if (number(row, "abort_requested") === 1) return "aborted";
  const restarts = optionalNumber(row, "resolved_max_restarts") ?? 0;
  return number(row, "attempt") > restarts ? "in_dead_letter_queue" : "ready";
}
