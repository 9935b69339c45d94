import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  register: `
    INSERT OR REPLACE INTO workers (id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,

  heartbeatOf: `SELECT heartbeat FROM workers WHERE id = ?`,

  beat: `UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ?`,

  remove: `DELETE FROM workers WHERE id = ?`,

  list: `SELECT id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time FROM workers`,
} as const;

export type WorkerStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function workerStatements(database: DatabaseSync): WorkerStatements {
  return prepareAll(database, SQL);
}
