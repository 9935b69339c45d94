import type { DatabaseSync } from "node:sqlite";
import { COUNTERS_SQL } from "./counters.ts";
import { FAILURES_SQL } from "./failures.ts";
import { FILES_SQL } from "./files/files-sql.ts";
import { ADMIN_SQL } from "./operations/admin.ts";
import { EXPIRY_SQL } from "./operations/expiry.ts";
import { IDEMPOTENCY_KEYS_SQL } from "./operations/idempotency-keys.ts";
import { MAINTENANCE_SQL } from "./operations/maintenance.ts";
import { READY_TASKS_SQL } from "./operations/ready-tasks.ts";
import { REGISTRY_SQL } from "./operations/registry.ts";
import { RESCUE_SQL } from "./operations/rescue.ts";
import { SETTLE_SQL } from "./operations/settle.ts";
import { WORKERS_SQL } from "./operations/workers.ts";
import { MAKE_ROOM_SQL } from "./make-room.ts";
import { MEMORY_SQL } from "./memory.ts";
import { Prepared, type Sql } from "./prepared.ts";
import { DEAD_LETTERS_SQL } from "./reads/dead-letters.ts";
import { TASK_SQL } from "./reads/task.ts";
import { TOPIC_COUNTS_SQL } from "./reads/topic-counts.ts";
import { TASK_ROW_SQL } from "./task-row.ts";
import { TRANSITION_SQL } from "./transition.ts";

/** Every statement of a connection. */
export const ALL_SQL: readonly Sql[] = [
  ADMIN_SQL,
  COUNTERS_SQL,
  DEAD_LETTERS_SQL,
  EXPIRY_SQL,
  FAILURES_SQL,
  FILES_SQL,
  IDEMPOTENCY_KEYS_SQL,
  MAINTENANCE_SQL,
  MAKE_ROOM_SQL,
  MEMORY_SQL,
  READY_TASKS_SQL,
  REGISTRY_SQL,
  RESCUE_SQL,
  SETTLE_SQL,
  TASK_ROW_SQL,
  TASK_SQL,
  TOPIC_COUNTS_SQL,
  TRANSITION_SQL,
  WORKERS_SQL,
];

export function prepareAll(database: DatabaseSync): Prepared {
  return new Prepared(database, ALL_SQL);
}
