import { Stage3Error } from "../../core/errors.ts";
import type { ClaimedTask, ClaimOperation } from "../port.ts";
import { byFunction, type Candidate } from "./claim-by-function.ts";
import { number, text } from "./row.ts";
import { readOptions } from "./task-rows.ts";
import type { TurnContext } from "./turn-context.ts";

/** How many ready tasks a claim looks at in line order, at the least, before it goes by function. */
const LONGEST_SCAN = 1_000;

/** Takes ready tasks of the functions that the worker knows, in line order. */
export function claim(turn: TurnContext, operation: ClaimOperation): ClaimedTask[] {
  requireRow(turn, operation.worker);
  const { topic, limit } = operation;
  const claimed = takeInLine(turn, operation);
  turn.freeSlots.set(topic, (turn.freeSlots.get(topic) ?? 0) + limit - claimed.length);
  return claimed;
}

/** A worker without a row has been rescued: what it took now, nobody would rescue. */
function requireRow({ statements }: TurnContext, worker: string): void {
  if (statements.workers.heartbeatOf.get(worker) !== undefined) return;
  throw new Stage3Error("LEASE_LOST", "Another worker took this one for dead and rescued its tasks; register it anew.");
}

function takeInLine(turn: TurnContext, operation: ClaimOperation): ClaimedTask[] {
  if (operation.limit <= 0) return [];
  const head = lookAhead(turn, operation, operation.limit);
  const isEnough = head.known.length === operation.limit || head.isEndOfLine;
  const scan = isEnough ? head : lookAhead(turn, operation, Math.max(operation.limit, LONGEST_SCAN));
  const claimed = scan.known.map((candidate) => take(turn, operation, candidate));
  if (claimed.length === operation.limit || scan.isEndOfLine) return claimed;
  for (const candidate of byFunction(turn, operation, operation.limit - claimed.length)) {
    claimed.push(take(turn, operation, candidate));
  }
  return claimed;
}

/** The known ones among the first `length` of the line. */
function lookAhead(
  { statements }: TurnContext,
  { topic, functions, limit }: ClaimOperation,
  length: number,
): { known: Candidate[]; isEndOfLine: boolean } {
  const rows = statements.selection.ready.all(topic, length);
  const known: Candidate[] = [];
  for (const row of rows) {
    if (known.length === limit) break;
    const name = text(row, "function");
    if (functions.has(name)) known.push({ key: number(row, "key"), function: name });
  }
  return { known, isEndOfLine: rows.length < length };
}

/** Makes one candidate the worker's. */
function take(
  { statements, counters, now }: TurnContext,
  operation: ClaimOperation,
  candidate: Candidate,
): ClaimedTask {
  const { topic, worker, functions } = operation;
  const fallback = functions.get(candidate.function)?.maxRestarts ?? 0;
  const row = statements.tasks.claim.get(worker, now, fallback, candidate.key) ?? {};
  const attempt = number(row, "attempt");
  const priority = number(row, "priority");
  counters.moved(topic, "ready", "running");
  counters.ready({ topic, priority, function: candidate.function }, -1, attempt === 1 && row["requeued"] === 0);
  return {
    id: text(row, "id"),
    epoch: number(row, "epoch"),
    topic,
    function: candidate.function,
    args: text(row, "args"),
    priority,
    attempt,
    maxRestarts: number(row, "resolved_max_restarts"),
    options: readOptions(row),
  };
}
