import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { TaskState } from "../../core/transitions.ts";
import type {
  AttemptKey,
  DeadLetter,
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
import type { GuardedConnection } from "./guarded-connection.ts";
import { GuardedFile } from "./guarded-file.ts";
import { readRegistry } from "./registry.ts";
import { number, optionalNumber, text } from "./row.ts";
import type { Statements } from "./statements/all.ts";
import { readState, readTask } from "./task-rows.ts";
import { readTopicCounts } from "./topic-counts.ts";
import { runTurn } from "./turn.ts";
import { readWorker } from "./workers.ts";

/** Keeps everything in one SQLite file, which any number of processes of one machine may share. */
export class SqliteStorage implements Storage {
  /** SQLite has one writer at a time. */
  readonly turnsInFlight = 1;
  readonly isShared: boolean;
  readonly #connection: GuardedConnection;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #path: string;
  /** None: it lives in this connection alone. */
  readonly #file: GuardedFile | undefined;
  #dataVersion: number;

  private constructor(connection: GuardedConnection, clock: Clock) {
    const { database, statements, path, identities: opened } = connection;
    this.#connection = connection;
    this.#database = database;
    this.#statements = statements;
    this.#path = path;
    this.#dataVersion = this.#readDataVersion();
    this.isShared = opened !== undefined;
    this.#file = opened && new GuardedFile(connection, { opened, clock });
  }

  /** Rejects with a `Stage3Error` where the file cannot be opened, is locked for too long, damaged or not ours. */
  static async open(options: ConnectionOptions): Promise<SqliteStorage> {
    const connection = await openConnection(options);
    try {
      return new SqliteStorage(connection, options.clock);
    } catch (error) {
      connection.close();
      throw toStorageError(error, connection.path);
    }
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<{ [Index in keyof Operations]: OperationOutcome<Operations[Index]> }>;
  async turn(operations: readonly Operation[], { now }: TurnTime): Promise<unknown> {
    return this.#run(() => {
      const outcomes = runTurn(this.#database, this.#statements, { operations, now });
      this.#file?.committed(operations.length);
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

  async deadLetters(query: DeadLetterQuery): Promise<DeadLetter[]> {
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
    return this.#run(() => this.#inSnapshot(() => readTopicCounts(this.#statements.counters)));
  }

  async changedElsewhere(): Promise<boolean> {
    return this.#run(() => {
      const before = this.#dataVersion;
      this.#dataVersion = this.#readDataVersion();
      return this.#dataVersion !== before;
    });
  }

  /** Writes the log back into the file, where that is safe, and lets go of it. Idempotent. */
  async close(): Promise<void> {
    if (this.#database.isOpen) (this.#file ?? this.#connection).close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #run<Result>(work: () => Result): Result {
    if (!this.#database.isOpen) throw new Stage3Error("STOPPED", "The storage is closed; open it again.");
    try {
      this.#file?.requireInPlace();
      return work();
    } catch (error) {
      throw toStorageError(error, this.#path);
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
