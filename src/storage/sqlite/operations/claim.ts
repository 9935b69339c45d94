import type { ClaimedTask, ClaimOperation } from "../../port.ts";
import { readTaskRow, TASK_COLUMNS } from "../task-row.ts";
import type { Turn } from "../turn.ts";
import { readWork, WORK_COLUMNS } from "../work.ts";
import { expire, isExpired } from "./expiry.ts";
import { readyKeys } from "./ready-keys.ts";
import { start } from "./start.ts";
import { requireLease } from "./workers.ts";
import type { Sql } from "../prepared.ts";

export const CLAIM_SQL: Sql<"byKey"> = {
  byKey: `
    SELECT ${TASK_COLUMNS},${WORK_COLUMNS}, expires_at
    FROM tasks
    WHERE key = ?`,
};

/** Takes ready tasks of the functions that the worker knows, by priority, then in the order of their line. */
export function claim(turn: Turn, operation: ClaimOperation): ClaimedTask[] {
  const { topic, worker, limit } = operation;
  requireLease(turn, worker);
  const claimed: ClaimedTask[] = [];
  if (limit > 0) {
    for (const key of readyKeys(turn, operation)) {
      const task = take(turn, key, operation);
      if (task !== undefined) claimed.push(task);
      if (claimed.length >= limit) break;
    }
  }
  turn.freeSlots.leave(topic, worker, limit - claimed.length);
  return claimed;
}

/** Undefined: it has expired meanwhile, and is ended. */
function take(turn: Turn, key: number, { worker, functions }: ClaimOperation): ClaimedTask | undefined {
  const row = turn.prepared.of(CLAIM_SQL).byKey.get(key) ?? {};
  const task = readTaskRow(row);
  if (isExpired(task, row["expires_at"], turn.now)) {
    expire(turn, task);
    return undefined;
  }
  const maxRestarts = functions.get(task.function)?.maxRestarts ?? 0;
  return start(turn, task, { work: readWork(row), by: { worker, maxRestarts } });
}
