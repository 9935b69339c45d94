import { assertNever } from "../../core/errors.ts";
import type { Operation, OperationResults } from "../port.ts";
import { abort, discard, requeue } from "./by-hand.ts";
import { claim } from "./claim.ts";
import { enqueue, enqueueMany } from "./enqueue.ts";
import { pruneKeys } from "./idempotency-keys.ts";
import { registerTopic, renewOffers } from "./registry.ts";
import { rescue } from "./rescue.ts";
import { disclaim, settle } from "./settle.ts";
import type { TurnContext } from "./turn-context.ts";
import { probe, promote, prune } from "./upkeep.ts";
import { heartbeat, registerWorker, removeWorker } from "./workers.ts";

/** Applies one operation within the transaction of its turn. */
export function apply(turn: TurnContext, operation: Operation): OperationResults[Operation["kind"]] {
  const { tasks, workers } = turn.statements;
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
      return tasks.progress.run(operation.progress, operation.id, operation.epoch).changes !== 0;
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
      return registerWorker(workers, operation.worker);
    case "heartbeat":
      return heartbeat(workers, operation.worker);
    case "rescue":
      return rescue(turn, operation);
    case "removeWorker":
      return removeWorker(workers, operation.worker);
    case "prune":
      return prune(turn, operation);
    case "probe":
      return probe(turn, operation.bytes);
    case "pruneKeys":
      return pruneKeys(turn, operation.limit);
    default:
      return assertNever(operation);
  }
}
