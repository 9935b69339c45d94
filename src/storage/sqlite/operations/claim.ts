import type { ClaimedTask, ClaimOperation } from "../../port.ts";
import type { Row } from "../row.ts";
import { readTaskRow } from "../task-row.ts";
import type { Turn } from "../turn.ts";
import { readWork } from "../work.ts";
import { expire, isExpired } from "./expiry.ts";
import { readyTasks } from "./ready-tasks.ts";
import { start } from "./start.ts";
import { requireLease } from "./workers.ts";

/** Takes ready tasks of the functions that the worker knows, by priority, then in the order of their line. */
export function claim(turn: Turn, operation: ClaimOperation): ClaimedTask[] {
  const { topic, worker, limit } = operation;
  requireLease(turn, worker);
  const claimed: ClaimedTask[] = [];
  if (limit > 0) {
    for (const row of readyTasks(turn, operation)) {
      const task = take(turn, row, operation);
      if (task !== undefined) claimed.push(task);
      if (claimed.length >= limit) break;
    }
  }
  turn.freeSlots.leave(topic, worker, limit - claimed.length);
  return claimed;
}

/** Undefined: it has expired meanwhile, and is ended. */
function take(turn: Turn, row: Row, { worker, functions }: ClaimOperation): ClaimedTask | undefined {
  const task = readTaskRow(row);
  if (isExpired(task, row["expires_at"], turn.now)) {
    expire(turn, task);
    return undefined;
  }
  const maxRestarts = functions.get(task.function)?.maxRestarts ?? 0;
  return start(turn, task, { work: readWork(row), by: { worker, maxRestarts } });
}
