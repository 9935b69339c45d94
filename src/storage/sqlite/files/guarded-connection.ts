import { DatabaseSync } from "node:sqlite";
import { Stage3Error } from "../../../core/errors.ts";
import { type FileIdentities, identitiesOf, isSame } from "./file-identities.ts";
import type { Prepared } from "../prepared.ts";
import { prepareAll } from "../statements.ts";

/** Longest wait for a lock within SQLite, which blocks the thread: longer ones are retried on a timer. */
const BUSY_TIMEOUT_MS = 20;

/** What SQLite calls a database that no file holds. */
export const IN_MEMORY = ":memory:";

export interface GuardedConnectionOptions {
  /** A path, or `:memory:`. */
  readonly path: string;
  /** Makes the database ours, and brings it up to date. */
  readonly setUp: (database: DatabaseSync) => void;
  /** Sets what every connection that writes has to have set. */
  readonly configure: (database: DatabaseSync) => void;
}

/** What a connection to a file has beside that. */
interface Guarded {
  readonly prepared: Prepared;
  readonly identities: FileIdentities;
  readonly guards: readonly DatabaseSync[];
}

/**
 * The connection to a database file, and two guards that only read. When the last connection of all is closed, SQLite
 * writes the log into the file and deletes it. Where the log was deleted before and others have begun a new one, that
 * damages the file. Node does the same when a thread ends: it closes whatever is open there, and nobody can look at the
 * files first. As long as a guard is open, the connection is not the last one; and a guard cannot write.
 *
 * Node 24 closes connections in the order they were made, one that has statements only after these; Node 22 does it in
 * the reverse order. So one guard is made before the connection, and one after its last statement: whoever prepares
 * another one later on takes that protection away.
 */
export class GuardedConnection {
  /** Absolute, or `:memory:`. */
  readonly path: string;
  readonly database: DatabaseSync;
  readonly prepared: Prepared;
  /** Of the files that are open; none: the database is in memory. */
  readonly identities: FileIdentities | undefined;
  readonly #guards: readonly DatabaseSync[];

  private constructor(path: string, database: DatabaseSync, guarded?: Guarded) {
    this.path = path;
    this.database = database;
    this.prepared = guarded?.prepared ?? prepareAll(database);
    this.identities = guarded?.identities;
    this.#guards = guarded?.guards ?? [];
  }

  /** Throws what SQLite throws, and `DATABASE_UNAVAILABLE` where the files are replaced meanwhile. */
  static open(options: GuardedConnectionOptions): GuardedConnection {
    const connections: DatabaseSync[] = [];
    const guards: DatabaseSync[] = [];
    try {
      return options.path === IN_MEMORY
        ? GuardedConnection.#openInMemory(options, connections)
        : GuardedConnection.#openFile(options, connections, guards);
    } catch (error) {
      for (const opened of [...connections, ...guards]) if (opened.isOpen) opened.close();
      throw error;
    }
  }

  /** Leaves the log to whoever opens the file next. */
  close(): void {
    this.database.close();
    for (const connection of this.#guards) connection.close();
  }

  /** As {@link close}, but where nobody else has the file open, SQLite takes the log into it. */
  closeWithLog(): void {
    for (const connection of this.#guards) connection.close();
    this.database.close();
  }

  static #openInMemory({ setUp, configure }: GuardedConnectionOptions, connections: DatabaseSync[]): GuardedConnection {
    const database = connect(IN_MEMORY, connections);
    setUp(database);
    configure(database);
    return new GuardedConnection(IN_MEMORY, database);
  }

  static #openFile(
    { path, setUp, configure }: GuardedConnectionOptions,
    connections: DatabaseSync[],
    guards: DatabaseSync[],
  ): GuardedConnection {
    // What only reads cannot make the files. This one does; the connection takes over its descriptor.
    const first = connect(path, connections);
    setUp(first);
    readSomething(first);
    const identities = identitiesOf(path);
    guard(path, guards);
    first.close();
    const database = connect(path, connections);
    configure(database);
    const prepared = prepareAll(database);
    guard(path, guards);
    if (!isSame(identities, identitiesOf(path))) throw replaced(path);
    return new GuardedConnection(path, database, { prepared, identities, guards });
  }
}

function connect(path: string, opened: DatabaseSync[]): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  opened.push(database);
  return database;
}

function guard(path: string, opened: DatabaseSync[]): void {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
  opened.push(database);
  readSomething(database);
}

/** From its first read until it is closed, a connection has the log open and holds a shared lock on the file. */
function readSomething(database: DatabaseSync): void {
  database.exec("SELECT count(*) FROM sqlite_schema");
}

function replaced(path: string): Stage3Error {
  return new Stage3Error(
    "DATABASE_UNAVAILABLE",
    `${path} was replaced or deleted while it was being opened; try again.`,
  );
}
