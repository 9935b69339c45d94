import { Stage3Error } from "../../core/errors.ts";
import type { ClaimedTask, ClaimOperation } from "../port.ts";
import { keysByFunction } from "./claim-by-function.ts";
import { number, text, type Row } from "./row.ts";
import { readWork } from "./task-rows.ts";
import type { TurnContext } from "./turn-context.ts";

/** How many ready tasks a claim looks at in line order, at the least, before it goes by function. */
const LONGEST_SCAN = 1_000;

/** Takes ready tasks of the functions that the worker knows, in line order. */
export function claim(turn: TurnContext, operation: ClaimOperation): ClaimedTask[] {
  const { topic, worker, limit } = operation;
  requireLease(turn, worker);
  const claimed = takeInLine(turn, operation);
  turn.freeSlots.leave(topic, worker, limit - claimed.length);
  return claimed;
}

/** A worker without a row has been rescued: what it took now, nobody would rescue. One that is condemned is to stop. */
function requireLease({ statements }: TurnContext, worker: string): void {
  const lease = statements.workers.lease.get(worker);
  if (lease !== undefined && number(lease, "condemned") === 0) return;
  throw new Stage3Error("LEASE_LOST", "Another worker took this one for dead and rescued its tasks; register it anew.");
}

function takeInLine(turn: TurnContext, operation: ClaimOperation): ClaimedTask[] {
  const { topic, functions, limit } = operation;
  if (limit <= 0) return [];
  const { selection } = turn.statements;
  const head = selection.ready.all(topic, limit);
  const known = head.filter((row) => functions.has(text(row, "function")));
  const claimed = known.map((row) => take(turn, operation, row));
  if (known.length === limit || head.length < limit) return claimed;
  for (const key of furtherKeys(turn, operation, limit - claimed.length)) {
    claimed.push(take(turn, operation, selection.readyByKey.get(key) ?? {}));
  }
  return claimed;
}

/** Where unknown functions stand in the way: looks further down the line, then function by function. */
function* furtherKeys(turn: TurnContext, operation: ClaimOperation, wanted: number): Generator<number> {
  const { topic, functions, limit } = operation;
  const length = Math.max(limit, LONGEST_SCAN);
  const line = turn.statements.selection.readyKeys.all(topic, length);
  const known = line.filter((row) => functions.has(text(row, "function"))).slice(0, wanted);
  for (const row of known) yield number(row, "key");
  if (known.length === wanted || line.length < length) return;
  yield* keysByFunction(turn, operation, wanted - known.length);
}

/** Makes one ready task the worker's. */
function take({ statements, counters, now }: TurnContext, operation: ClaimOperation, row: Row): ClaimedTask {
  const { topic, worker, functions } = operation;
  const name = text(row, "function");
  const priority = number(row, "priority");
  const attempt = number(row, "attempt") + 1;
  const epoch = number(row, "epoch") + 1;
  const work = readWork(row);
  const maxRestarts = work.options.maxRestarts ?? functions.get(name)?.maxRestarts ?? 0;
  statements.tasks.claim.run(attempt, epoch, worker, now, maxRestarts, number(row, "key"));
  counters.moved(topic, "ready", "running");
  counters.ready({ topic, priority, function: name }, -1, attempt === 1 && row["requeued"] === 0);
  return {
    id: text(row, "id"),
    epoch,
    topic,
    function: name,
    priority,
    attempt,
    maxRestarts,
    ...work,
  };
}
