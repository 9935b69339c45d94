import type { WorkerRecord, WorkerRow } from "../port.ts";
import { number, text, type Row } from "./row.ts";
import type { WorkerStatements } from "./statements/workers.ts";

export function registerWorker(statements: WorkerStatements, worker: WorkerRecord): undefined {
  const { bootId, pidNamespace, pid, startTime } = worker.process;
  statements.register.run(worker.id, worker.heartbeat, worker.leaseMs, bootId, pidNamespace, pid, startTime);
}

/** False: the worker has no row, or is condemned. */
export function heartbeat(statements: WorkerStatements, worker: string): boolean {
  return statements.beat.run(worker).changes !== 0;
}

/** Removes its row, and what it offers. */
export function removeWorker(statements: WorkerStatements, worker: string): undefined {
  statements.remove.run(worker);
  statements.removeOffers.run(worker);
}

export function readWorker(row: Row): WorkerRow {
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
