import { Stage3Error } from "../../../core/errors.ts";
import type { WorkerRecord, WorkerRow } from "../../port.ts";
import type { Prepared, Sql } from "../prepared.ts";
import { number, text, type Row } from "../row.ts";
import type { Turn } from "../turn.ts";

export const WORKERS_SQL: Sql<"register" | "lease" | "beat" | "condemn" | "remove" | "removeOffers" | "list"> = {
  register: `
    INSERT OR REPLACE INTO workers (id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,

  lease: `SELECT heartbeat, condemned FROM workers WHERE id = ?`,

  beat: `UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ? AND condemned = 0`,

  condemn: `UPDATE workers SET condemned = 1 WHERE id = ?`,

  remove: `DELETE FROM workers WHERE id = ?`,

  removeOffers: `DELETE FROM worker_functions WHERE worker = ?`,

  list: `SELECT id, heartbeat, lease_ms, boot_id, pid_namespace, pid, start_time, condemned FROM workers`,
};

interface Lease {
  readonly heartbeat: number;
  readonly isCondemned: boolean;
}

export function registerWorker({ prepared }: Turn, worker: WorkerRecord): undefined {
  const { bootId, pidNamespace, pid, startTime } = worker.process;
  const { register } = prepared.of(WORKERS_SQL);
  register.run(worker.id, worker.heartbeat, worker.leaseMs, bootId, pidNamespace, pid, startTime);
}

/** False: the worker has no row, or is condemned. */
export function heartbeat({ prepared }: Turn, worker: string): boolean {
  return prepared.of(WORKERS_SQL).beat.run(worker).changes !== 0;
}

/** Undefined: it has no row. */
export function findLease({ prepared }: Turn, worker: string): Lease | undefined {
  const row = prepared.of(WORKERS_SQL).lease.get(worker);
  return row && { heartbeat: number(row, "heartbeat"), isCondemned: number(row, "condemned") === 1 };
}

/** A worker without a row has been rescued: what it took now, nobody would rescue. One that is condemned is to stop. */
export function requireLease(turn: Turn, worker: string): void {
  if (findLease(turn, worker)?.isCondemned === false) return;
  throw new Stage3Error("LEASE_LOST", "Another worker took this one for dead and rescued its tasks; register it anew.");
}

/** From now on it neither renews its lease nor claims. */
export function condemn({ prepared }: Turn, worker: string): void {
  prepared.of(WORKERS_SQL).condemn.run(worker);
}

/** Removes its row, and what it offers. */
export function removeWorker({ prepared }: Turn, worker: string): undefined {
  const { remove, removeOffers } = prepared.of(WORKERS_SQL);
  remove.run(worker);
  removeOffers.run(worker);
}

export function readWorkers(prepared: Prepared): WorkerRow[] {
  return prepared.of(WORKERS_SQL).list.all().map(readWorker);
}

function readWorker(row: Row): WorkerRow {
  return {
    id: text(row, "id"),
    heartbeat: number(row, "heartbeat"),
    leaseMs: number(row, "lease_ms"),
    isCondemned: number(row, "condemned") === 1,
    process: {
      bootId: text(row, "boot_id"),
      pidNamespace: text(row, "pid_namespace"),
      pid: number(row, "pid"),
      startTime: text(row, "start_time"),
    },
  };
}
