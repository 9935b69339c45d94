import type { Stats } from "node:fs";
import type { Clock } from "../../../core/clock.ts";
import { Stage3Error } from "../../../core/errors.ts";
import { type FileIdentities, identityOf, indexOf, logOf, statOf } from "./file-identities.ts";
import { number } from "../row.ts";
import type { PreparedSql } from "../prepared.ts";
import type { FILES_SQL } from "./files-sql.ts";

/** How long a look at the files counts for reads. */
const LOOK_EVERY_MS = 100;

/** SQLite puts so much before each page in its log. */
const FRAME_HEADER_BYTES = 24;

export interface OpenFilesParts {
  readonly path: string;
  readonly opened: FileIdentities;
  readonly statements: PreparedSql<typeof FILES_SQL>;
  readonly clock: Clock;
}

/**
 * Whether the files that are open are still those at their paths. SQLite goes on writing into a file that was deleted
 * or moved, and would acknowledge what nobody will ever find.
 */
export class OpenFiles {
  readonly #path: string;
  readonly #opened: FileIdentities;
  readonly #statements: PreparedSql<typeof FILES_SQL>;
  readonly #clock: Clock;
  /** The database's file when all of them were last seen at their places. */
  #seen: Stats | undefined;
  #logBytes = 0;
  #isAway = false;
  /** Set for good: what is written from then on would hide it. */
  #cutShort: Stage3Error | undefined;
  #looksAgainAt: number;

  constructor({ path, opened, statements, clock }: OpenFilesParts) {
    this.#path = path;
    this.#opened = opened;
    this.#statements = statements;
    this.#clock = clock;
    this.#seen = statOf(path);
    this.#looksAgainAt = clock.monotonic() + LOOK_EVERY_MS;
  }

  /** The length of the log's file at the last look. */
  get logBytes(): number {
    return this.#logBytes;
  }

  /** As {@link requireInPlaceNow}, but looks ten times a second at most. */
  requireInPlaceLately(): void {
    if (this.#cutShort !== undefined) throw this.#cutShort;
    if (!this.#isAway && this.#clock.monotonic() < this.#looksAgainAt) return;
    this.requireInPlaceNow();
  }

  /**
   * Throws `DATABASE_UNAVAILABLE` where one of the files is not the one that is open, `DATABASE_CORRUPT` where the
   * database was cut short.
   */
  requireInPlaceNow(): void {
    if (this.#cutShort !== undefined) throw this.#cutShort;
    const found = this.#requireDatabase();
    const log = this.#requireCompanion(logOf(this.#path), this.#opened.log);
    this.#requireCompanion(indexOf(this.#path), this.#opened.index);
    this.#logBytes = log.size;
    this.#seen = found;
    this.#isAway = false;
    this.#looksAgainAt = this.#clock.monotonic() + LOOK_EVERY_MS;
  }

  /** As {@link requireInPlaceNow}, as an answer: whether the log may be written into the file. */
  areInPlace(): boolean {
    try {
      this.requireInPlaceNow();
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Whether the log is gone and nobody has written anything since: no other log is there, and the file is as it was
   * when the log was last seen. Then what the log holds still fits the file.
   */
  isOnlyLogGone(): boolean {
    if (this.#cutShort !== undefined || statOf(logOf(this.#path)) !== undefined) return false;
    const index = identityOf(statOf(indexOf(this.#path)));
    if (index !== "" && index !== this.#opened.index) return false;
    const found = statOf(this.#path);
    if (found === undefined || this.#seen === undefined) return false;
    return identityOf(found) === this.#opened.database && !isChanged(found, this.#seen);
  }

  #requireDatabase(): Stats {
    const found = statOf(this.#path);
    const seen = this.#seen;
    if (found === undefined || seen === undefined) this.#missed(`${this.#path} was deleted or moved`);
    if (identityOf(found) !== this.#opened.database) this.#missed(`${this.#path} was replaced by another file`);
    // With a log of which somebody else knew nothing, it would not fit together any more.
    if (this.#isAway && isChanged(found, seen)) this.#missed(`${this.#path} was changed while it was away`);
    if (found.size < seen.size) this.#requireWhole(found.size);
    return found;
  }

  #requireCompanion(path: string, identity: string): Stats {
    const found = statOf(path);
    if (found === undefined || identityOf(found) !== identity) this.#missed(`${path} was deleted or replaced`);
    return found;
  }

  #missed(what: string): never {
    this.#isAway = true;
    throw new Stage3Error(
      "DATABASE_UNAVAILABLE",
      `${what} while it was open, so nothing more is stored. ` +
        "Put the very same files back, or stop this instance and start it with the right database.",
    );
  }

  /** It may become shorter by a VACUUM; but each page that it lacks then has to be in the log. */
  #requireWhole(bytes: number): void {
    const pages = number(this.#statements.pageCount.get() ?? {}, "page_count");
    const pageBytes = number(this.#statements.pageSize.get() ?? {}, "page_size");
    const log = statOf(logOf(this.#path))?.size ?? 0;
    if (bytes / pageBytes + log / (pageBytes + FRAME_HEADER_BYTES) >= pages) return;
    this.#cutShort = new Stage3Error(
      "DATABASE_CORRUPT",
      `${this.#path} was cut short while it was open, so nothing more is stored. ` +
        "Stop this instance, and restore the file from a backup.",
    );
    throw this.#cutShort;
  }
}

function isChanged(now: Stats, before: Stats): boolean {
  return now.size !== before.size || now.mtimeMs !== before.mtimeMs;
}
