import { assertNever } from "../../core/errors.ts";
import type { Operation, OperationOutcome, OperationResults, TurnAnswer } from "../port.ts";
import { isFaultOfOperation, toOperationError } from "./errors.ts";
import { makeRoom } from "./make-room.ts";
import { abort, discard, requeue } from "./operations/admin.ts";
import { claim } from "./operations/claim.ts";
import { enqueue, enqueueMany } from "./operations/enqueue.ts";
import { pruneKeys } from "./operations/idempotency-keys.ts";
import { probe, promote, prune } from "./operations/maintenance.ts";
import { registerTopic, renewOffers } from "./operations/registry.ts";
import { rescue } from "./operations/rescue.ts";
import { disclaim, recordProgress, settle } from "./operations/settle.ts";
import { heartbeat, registerWorker, removeWorker } from "./operations/workers.ts";
import { Turn, type TurnParts } from "./turn.ts";

/**
 * Applies operations as one transaction. The common way has no savepoints; where an operation turns out to be one that
 * cannot be stored, everything is rolled back and done again, each operation by itself.
 */
export function runTurn(parts: TurnParts, operations: readonly Operation[]): TurnAnswer {
  try {
    return inTransaction(parts, (turn) => {
      const outcomes = operations.map((operation) => ({ ok: true, value: apply(turn, operation) }) as const);
      turn.counters.flush();
      return outcomes;
    });
  } catch (error) {
    if (!isFaultOfOperation(error)) throw error;
    return inTransaction(parts, (turn) => operations.map((operation) => applyAlone(turn, operation)));
  }
}

function inTransaction(parts: TurnParts, work: (turn: Turn) => OperationOutcome<Operation>[]): TurnAnswer {
  const { database } = parts;
  database.exec("BEGIN IMMEDIATE");
  try {
    const turn = new Turn(parts);
    makeRoom(turn);
    const outcomes = work(turn);
    database.exec("COMMIT");
    return { outcomes, changes: turn.changes };
  } catch (error) {
    // Some errors (a full disk) have rolled back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function applyAlone(turn: Turn, operation: Operation): OperationOutcome<Operation> {
  try {
    return turn.allOrNothing(() => ({ keep: true, value: { ok: true, value: apply(turn, operation) } }));
  } catch (error) {
    if (!isFaultOfOperation(error)) throw error;
    return { ok: false, error: toOperationError(error) };
  }
}

function apply(turn: Turn, operation: Operation): OperationResults[Operation["kind"]] {
  switch (operation.kind) {
    case "enqueue":
      return enqueue(turn, operation);
    case "enqueueMany":
      return enqueueMany(turn, operation.tasks);
    case "claim":
      return claim(turn, operation);
    case "settle":
      return settle(turn, operation);
    case "disclaim":
      return disclaim(turn, operation);
    case "progress":
      return recordProgress(turn, operation);
    case "abort":
      return abort(turn, operation.id);
    case "requeue":
      return requeue(turn, operation.id);
    case "discard":
      return discard(turn, operation.id);
    case "promote":
      return promote(turn, operation.limit);
    case "registerTopic":
      return registerTopic(turn, operation);
    case "renewOffers":
      return renewOffers(turn, operation.worker);
    case "registerWorker":
      return registerWorker(turn, operation.worker);
    case "heartbeat":
      return heartbeat(turn, operation.worker);
    case "rescue":
      return rescue(turn, operation);
    case "removeWorker":
      return removeWorker(turn, operation.worker);
    case "prune":
      return prune(turn, operation);
    case "pruneKeys":
      return pruneKeys(turn, operation.limit);
    case "probe":
      return probe(turn);
    default:
      return assertNever(operation);
  }
}
