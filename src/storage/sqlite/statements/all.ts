import type { DatabaseSync } from "node:sqlite";
import { counterStatements, type CounterStatements } from "./counters.ts";
import { failureStatements, type FailureStatements } from "./failures.ts";
import { fileStatements, type FileStatements } from "./files.ts";
import { idempotencyKeyStatements, type IdempotencyKeyStatements } from "./idempotency-keys.ts";
import { readStatements, type ReadStatements } from "./reads.ts";
import { registryStatements, type RegistryStatements } from "./registry.ts";
import { selectionStatements, type SelectionStatements } from "./selection.ts";
import { taskStatements, type TaskStatements } from "./tasks.ts";
import { workerStatements, type WorkerStatements } from "./workers.ts";

/** Every prepared statement of one connection, by entity. */
export interface Statements {
  readonly tasks: TaskStatements;
  readonly selection: SelectionStatements;
  readonly failures: FailureStatements;
  readonly counters: CounterStatements;
  readonly idempotencyKeys: IdempotencyKeyStatements;
  readonly workers: WorkerStatements;
  readonly registry: RegistryStatements;
  readonly reads: ReadStatements;
  readonly files: FileStatements;
}

export function prepareStatements(database: DatabaseSync): Statements {
  return {
    tasks: taskStatements(database),
    selection: selectionStatements(database),
    failures: failureStatements(database),
    counters: counterStatements(database),
    idempotencyKeys: idempotencyKeyStatements(database),
    workers: workerStatements(database),
    registry: registryStatements(database),
    reads: readStatements(database),
    files: fileStatements(database),
  };
}
