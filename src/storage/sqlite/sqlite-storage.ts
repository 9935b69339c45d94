import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { TaskState } from "../../core/transitions.ts";
import type {
  AttemptKey,
  DeadLetter,
  DeadLetterQuery,
  Operation,
  Registry,
  Storage,
  StoredTask,
  TopicCounts,
  TurnAnswer,
  TurnTime,
  Watch,
  WorkerRow,
} from "../port.ts";
import { openConnection, type ConnectionOptions } from "./files/connection.ts";
import { FILES_SQL } from "./files/files-sql.ts";
import { type GuardedConnection, IN_MEMORY } from "./files/guarded-connection.ts";
import { GuardedFile } from "./files/guarded-file.ts";
import { watchChanges } from "./files/watch-changes.ts";
import { toStorageError } from "./errors.ts";
import { MEMORY_SCHEMA } from "./make-room.ts";
import { type MemoryLimits, MemoryUse } from "./memory.ts";
import { readRegistry } from "./operations/registry.ts";
import { readWorkers } from "./operations/workers.ts";
import type { Prepared } from "./prepared.ts";
import { readDeadLetters } from "./reads/dead-letters.ts";
import { readAbortRequests, readNextDueAt, readTask, readTaskState, readTaskStates } from "./reads/task.ts";
import { readTopicCounts } from "./reads/topic-counts.ts";
import { number } from "./row.ts";
import { runTurn } from "./run-turn.ts";

/** Keeps everything in one SQLite file, which any number of processes of one machine may share. */
export class SqliteStorage implements Storage {
  readonly isShared: boolean;
  readonly #connection: GuardedConnection;
  readonly #database: DatabaseSync;
  readonly #prepared: Prepared;
  readonly #path: string;
  /** None: it lives in this connection alone. */
  readonly #file: GuardedFile | undefined;
  /** Of a database in memory that has limits. */
  readonly #memory: MemoryUse | undefined;
  readonly #clock: Clock;

  private constructor(connection: GuardedConnection, clock: Clock, limits: MemoryLimits | undefined) {
    const { database, prepared, path, identities: opened } = connection;
    this.#connection = connection;
    this.#database = database;
    this.#prepared = prepared;
    this.#path = path;
    this.#clock = clock;
    this.isShared = opened !== undefined;
    this.#file = opened && new GuardedFile(connection, { opened, clock });
    this.#memory = limits && new MemoryUse(prepared, limits);
    if (limits !== undefined) database.exec(MEMORY_SCHEMA);
  }

  /**
   * A database in memory: lost when it is closed, seen by nobody else.
   *
   * @param limits none: it may take whatever memory there is.
   */
  static async openInMemory(clock: Clock, limits?: MemoryLimits): Promise<SqliteStorage> {
    const connection = await openConnection({ file: IN_MEMORY, durability: "process-crash", clock });
    return new SqliteStorage(connection, clock, limits);
  }

  /** Rejects with a `Stage3Error` where the file cannot be opened, is locked for too long, damaged or not ours. */
  static async open(options: ConnectionOptions): Promise<SqliteStorage> {
    const connection = await openConnection(options);
    try {
      return new SqliteStorage(connection, options.clock, undefined);
    } catch (error) {
      connection.close();
      throw toStorageError(error, connection.path);
    }
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<TurnAnswer<Operations>>;
  async turn(operations: readonly Operation[], { now }: TurnTime): Promise<unknown> {
    return this.#run(() => {
      const parts = { database: this.#database, prepared: this.#prepared, now, memory: this.#memory };
      const answer = runTurn(parts, operations);
      this.#memory?.committed(answer.changes);
      this.#file?.committed(operations.length);
      return answer;
    });
  }

  async get(id: string): Promise<StoredTask | undefined> {
    return this.#run(() => readTask(this.#prepared, id));
  }

  async state(id: string): Promise<TaskState | undefined> {
    return this.#run(() => readTaskState(this.#prepared, id));
  }

  async states(ids: readonly string[]): Promise<ReadonlyMap<string, TaskState>> {
    return this.#run(() => readTaskStates(this.#prepared, ids));
  }

  async deadLetters(query: DeadLetterQuery): Promise<DeadLetter[]> {
    return this.#run(() => readDeadLetters(this.#prepared, query));
  }

  async abortRequests(worker: string): Promise<AttemptKey[]> {
    return this.#run(() => readAbortRequests(this.#prepared, worker));
  }

  async nextDueAt(): Promise<number | undefined> {
    return this.#run(() => readNextDueAt(this.#prepared));
  }

  async workers(): Promise<WorkerRow[]> {
    return this.#run(() => readWorkers(this.#prepared));
  }

  async registry(knownVersion: number | undefined): Promise<Registry | undefined> {
    return this.#run(() => this.#inSnapshot(() => readRegistry(this.#prepared, knownVersion)));
  }

  async topicCounts(): Promise<TopicCounts[]> {
    return this.#run(() => this.#inSnapshot(() => readTopicCounts(this.#prepared)));
  }

  watch(listener: () => void): Watch {
    if (!this.isShared) return { stop() {} };
    const dataVersion = (): number =>
      this.#run(() => number(this.#prepared.of(FILES_SQL).dataVersion.get() ?? {}, "data_version"));
    return watchChanges({ clock: this.#clock, log: `${this.#path}-wal`, dataVersion, listener });
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
}
