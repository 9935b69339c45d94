import { hasEnded } from "../../core/transitions.ts";
import type { AbortResult, OperationResults } from "../port.ts";
import { number, text } from "./row.ts";
import { readState } from "./task-rows.ts";
import type { TurnContext } from "./turn-context.ts";

/** Ends a queued task; of a running one, records that its abort was asked for. */
export function abort({ statements, counters, now }: TurnContext, id: string): AbortResult {
  const row = statements.tasks.describe.get(id);
  if (row === undefined) return { kind: "notFound" };
  const state = readState(row);
  if (hasEnded(state)) return { kind: "ended", state };
  if (state === "running") {
    statements.tasks.requestAbort.run(number(row, "key"));
    return { kind: "requested", worker: text(row, "worker"), epoch: number(row, "epoch") };
  }
  statements.tasks.abortQueued.run(now, number(row, "key"));
  const topic = text(row, "topic");
  const name = text(row, "function");
  counters.moved(topic, state, "aborted");
  if (state === "waiting") counters.waiting(topic, name, -1);
  if (state === "ready") {
    const line = { topic, priority: number(row, "priority"), function: name };
    counters.ready(line, -1, number(row, "attempt") === 0 && number(row, "requeued") === 0);
  }
  return { kind: "aborted" };
}

/** Queues a task of the dead-letter queue again. */
export function requeue({ statements, counters, now }: TurnContext, id: string): OperationResults["requeue"] {
  const row = statements.tasks.requeue.get(counters.nextSequence(), now, id);
  if (row === undefined) return undefined;
  const topic = text(row, "topic");
  counters.moved(topic, "in_dead_letter_queue", "ready");
  counters.ready({ topic, priority: number(row, "priority"), function: text(row, "function") }, 1, false);
  return { topic };
}

/** Removes a task from the dead-letter queue. */
export function discard({ statements, counters }: TurnContext, id: string): boolean {
  const row = statements.tasks.discard.get(id);
  if (row === undefined) return false;
  counters.state(text(row, "topic"), "in_dead_letter_queue", -1);
  return true;
}
