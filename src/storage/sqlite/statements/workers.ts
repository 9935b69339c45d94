import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  register: `
    INSERT OR REPLACE INTO workers (id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,

  lease: `SELECT heartbeat, condemned FROM workers WHERE id = ?`,

  beat: `UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ? AND condemned = 0`,

  condemn: `UPDATE workers SET condemned = 1 WHERE id = ?`,

  remove: `DELETE FROM workers WHERE id = ?`,

  list: `SELECT id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time, condemned FROM workers`,

  removeOffers: `DELETE FROM worker_functions WHERE worker = ?`,
} as const;

export type WorkerStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function workerStatements(database: DatabaseSync): WorkerStatements {
  return prepareAll(database, SQL);
}
