import type { Clock } from "../../../core/clock.ts";
import type { FileIdentities } from "./file-identities.ts";
import type { GuardedConnection } from "./guarded-connection.ts";
import { LogGrowth } from "./log-growth.ts";
import { OpenFiles } from "./open-files.ts";
import { number } from "../row.ts";
import type { PreparedSql } from "../prepared.ts";
import { FILES_SQL } from "./files-sql.ts";

/** How often the length of the log is asked for while its file does not grow: what comes with a turn, whatever is in it, counts as so many operations. */
const OPERATIONS_A_TURN = 8;
const OPERATIONS_BETWEEN_LOOKS = 100;

/** The files of an open database: nothing is acknowledged, and no log taken in, but where they are at their places. */
export class GuardedFile {
  readonly #connection: GuardedConnection;
  readonly #statements: PreparedSql<typeof FILES_SQL>;
  readonly #files: OpenFiles;
  readonly #growth: LogGrowth;
  /** Written since the log was last asked for its length. */
  #operations = 0;
  #logBytes = 0;

  constructor(connection: GuardedConnection, { opened, clock }: { opened: FileIdentities; clock: Clock }) {
    const { path } = connection;
    this.#connection = connection;
    this.#statements = connection.prepared.of(FILES_SQL);
    this.#files = new OpenFiles({ path, opened, statements: this.#statements, clock });
    this.#growth = new LogGrowth(path, number(this.#statements.pageSize.get() ?? {}, "page_size"));
  }

  /** Throws where the files are not in place, as far as that was looked at in the last 100 ms. */
  requireInPlace(): void {
    this.#files.requireInPlaceLately();
  }

  /** To be called after each commit, before it is acknowledged: throws where it went into a file that nobody will find. */
  committed(operations: number): void {
    this.#files.requireInPlaceNow();
    if (!this.#isLogLong(operations)) return;
    this.#takeLogIn();
    this.#files.requireInPlaceNow();
  }

  /** Where the files are in place, and nobody else has them open, only the database's file is left. */
  close(): void {
    this.#growth.close();
    if (this.#files.areInPlace()) this.#emptyLog();
    // That may have taken long.
    if (this.#files.areInPlace() || this.#files.isOnlyLogGone()) this.#connection.closeWithLog();
    else this.#connection.close();
  }

  #isLogLong(operations: number): boolean {
    const { logBytes } = this.#files;
    this.#operations += OPERATIONS_A_TURN + operations;
    if (this.#operations < OPERATIONS_BETWEEN_LOOKS && logBytes <= this.#logBytes) return false;
    this.#operations = 0;
    this.#logBytes = logBytes;
    try {
      return this.#growth.isLong();
    } catch {
      // It cannot be read just now: it is asked again a little later.
      return false;
    }
  }

  #takeLogIn(): void {
    try {
      this.#statements.checkpoint.get();
    } catch {
      // The disk is full, or somebody else is at it: all is in the log still, and a later commit tries again.
    }
  }

  #emptyLog(): void {
    try {
      this.#statements.checkpointAll.get();
    } catch {
      // Somebody else is reading or writing: the last one to close does it.
    }
  }
}
