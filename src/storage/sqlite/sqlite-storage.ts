import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { TaskState } from "../../core/transitions.ts";
import type {
  AttemptKey,
  DeadLetterQuery,
  Operation,
  OperationOutcome,
  Registry,
  Storage,
  StoredTask,
  TopicCounts,
  TurnTime,
  WorkerRow,
} from "../port.ts";
import { openConnection, type ConnectionOptions } from "./connection.ts";
import { toStorageError } from "./errors.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { OpenFiles } from "./open-files.ts";
import { readRegistry } from "./registry.ts";
import { number, optionalNumber, text } from "./row.ts";
import { prepareStatements, type Statements } from "./statements/all.ts";
import { readState, readTask } from "./task-rows.ts";
import { readTopicCounts } from "./topic-counts.ts";
import { runTurn } from "./turn.ts";
import { readWorker } from "./workers.ts";

/** Keeps everything in one SQLite file, which any number of processes of one machine may share. */
export class SqliteStorage implements Storage {
  /** SQLite has one writer at a time. */
  readonly turnsInFlight = 1;
  readonly isShared: boolean;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  /** None: it lives in this connection alone. */
  readonly #files: OpenFiles | undefined;
  #dataVersion: number;

  private constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#dataVersion = this.#readDataVersion();
    const path = database.location();
    this.isShared = path !== null;
    this.#files = path === null ? undefined : new OpenFiles(database, path, clock);
  }

  /** Rejects with a `Stage3Error` where the file cannot be opened, is locked for too long, damaged or not ours. */
  static async open(options: ConnectionOptions): Promise<SqliteStorage> {
    const database = await openConnection(options);
    try {
      return new SqliteStorage(database, options.clock);
    } catch (error) {
      database.close();
      throw toStorageError(error);
    }
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<{ [Index in keyof Operations]: OperationOutcome<Operations[Index]> }>;
  async turn(operations: readonly Operation[], { now }: TurnTime): Promise<unknown> {
    return this.#run(() => {
      const outcomes = runTurn(this.#database, this.#statements, { operations, now });
      // Else it went into a file that nobody will find again.
      this.#files?.requireDatabaseInPlace();
      return outcomes;
    });
  }

  async get(id: string): Promise<StoredTask | undefined> {
    return this.#run(() => {
      const row = this.#statements.reads.task.get(id);
      return row && readTask(row);
    });
  }

  async state(id: string): Promise<TaskState | undefined> {
    return this.#run(() => {
      const row = this.#statements.reads.state.get(id);
      return row && readState(row);
    });
  }

  async deadLetters(query: DeadLetterQuery): Promise<StoredTask[]> {
    return this.#run(() => readDeadLetters(this.#statements.reads, query));
  }

  async abortRequests(worker: string): Promise<AttemptKey[]> {
    return this.#run(() => {
      const rows = this.#statements.reads.abortRequests.all(worker);
      return rows.map((row) => ({ id: text(row, "id"), epoch: number(row, "epoch") }));
    });
  }

  async nextDueAt(): Promise<number | undefined> {
    return this.#run(() => optionalNumber(this.#statements.reads.nextDueAt.get() ?? {}, "due_at"));
  }

  async workers(): Promise<WorkerRow[]> {
    return this.#run(() => this.#statements.workers.list.all().map(readWorker));
  }

  async registry(knownVersion: number | undefined): Promise<Registry | undefined> {
    return this.#run(() => this.#inSnapshot(() => readRegistry(this.#statements.registry, knownVersion)));
  }

  async topicCounts(): Promise<TopicCounts[]> {
    return this.#run(() => readTopicCounts(this.#statements.counters));
  }

  async changedElsewhere(): Promise<boolean> {
    return this.#run(() => {
      const before = this.#dataVersion;
      this.#dataVersion = this.#readDataVersion();
      return this.#dataVersion !== before;
    });
  }

  /** Writes the log back into the file and lets go of it. Idempotent. */
  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    try {
      if (this.#files?.stillInPlace() !== false) this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // Somebody else is reading or writing: the last one to close does it.
    }
    this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #run<Result>(work: () => Result): Result {
    if (!this.#database.isOpen) throw new Stage3Error("STOPPED", "The storage is closed; open it again.");
    try {
      this.#files?.requireInPlace();
      return work();
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /** Several reads of one moment. */
  #inSnapshot<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN");
    try {
      return work();
    } finally {
      if (this.#database.isTransaction) this.#database.exec("COMMIT");
    }
  }

  #readDataVersion(): number {
    return number(this.#statements.reads.dataVersion.get() ?? {}, "data_version");
  }
}
