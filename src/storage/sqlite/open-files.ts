import { type Stats, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import { number } from "./row.ts";

/** How long a look at all files counts. A look costs a few microseconds for each. */
const LOOK_EVERY_MS = 100;

/** SQLite puts so much before each page in its log. */
const FRAME_HEADER_BYTES = 24;

/**
 * Whether the files that are open are still those at their paths. SQLite goes on writing into a file that was deleted
 * or moved, and would acknowledge what nobody will ever find.
 */
export class OpenFiles {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #clock: Clock;
  /** The log and its index, as they were opened. */
  readonly #companions: ReadonlyMap<string, string>;
  /** The database's file when it was last seen at its place. */
  #seen: Stats | undefined;
  #isAway = false;
  /** Set for good: what is written from then on would hide it. */
  #cutShort: Stage3Error | undefined;
  #looksAgainAt: number;

  /** To be made once the connection has read something, since it opens the log with that. */
  constructor(database: DatabaseSync, path: string, clock: Clock) {
    this.#database = database;
    this.#path = path;
    this.#clock = clock;
    this.#seen = statOf(path);
    this.#companions = new Map(["-wal", "-shm"].map((suffix) => [path + suffix, identityOf(statOf(path + suffix))]));
    this.#looksAgainAt = clock.monotonic() + LOOK_EVERY_MS;
  }

  /** Throws `DATABASE_UNAVAILABLE` where one of the files is not the one that is open. Looks ten times a second at most. */
  requireInPlace(): void {
    if (this.#cutShort !== undefined) throw this.#cutShort;
    if (!this.#isAway && this.#clock.monotonic() < this.#looksAgainAt) return;
    this.requireDatabaseInPlace();
    for (const [path, identity] of this.#companions) {
      if (identityOf(statOf(path)) !== identity) this.#missed(`${path} was deleted or replaced`);
    }
    this.#isAway = false;
    this.#looksAgainAt = this.#clock.monotonic() + LOOK_EVERY_MS;
  }

  /** As {@link requireInPlace}, of the database's file alone, and now. Throws `DATABASE_CORRUPT` where it was cut short. */
  requireDatabaseInPlace(): void {
    if (this.#cutShort !== undefined) throw this.#cutShort;
    const found = statOf(this.#path);
    const seen = this.#seen;
    if (found === undefined || seen === undefined) this.#missed(`${this.#path} was deleted or moved`);
    if (identityOf(found) !== identityOf(seen)) this.#missed(`${this.#path} was replaced by another file`);
    // With a log of which somebody else knew nothing, it would not fit together any more.
    if (this.#isAway && isChanged(found, seen)) this.#missed(`${this.#path} was changed while it was away`);
    if (found.size < seen.size) this.#requireWhole(found.size);
    this.#seen = found;
  }

  /** As {@link requireInPlace}, as an answer, and by a new look: whether the log may be written back into the file. */
  stillInPlace(): boolean {
    try {
      this.#looksAgainAt = 0;
      this.requireInPlace();
      return true;
    } catch {
      return false;
    }
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
    const pages = this.#pragma("page_count");
    const pageBytes = this.#pragma("page_size");
    const log = statOf(`${this.#path}-wal`)?.size ?? 0;
    if (bytes / pageBytes + log / (pageBytes + FRAME_HEADER_BYTES) >= pages) return;
    this.#cutShort = new Stage3Error(
      "DATABASE_CORRUPT",
      `${this.#path} was cut short while it was open, so nothing more is stored. ` +
        "Stop this instance, and restore the file from a backup.",
    );
    throw this.#cutShort;
  }

  #pragma(name: "page_count" | "page_size"): number {
    return number(this.#database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
  }
}

/** Undefined also where the way to it is closed: what cannot be reached is not at its place. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function identityOf(stats: Stats | undefined): string {
  return stats === undefined ? "" : `${stats.dev}:${stats.ino}`;
}

function isChanged(now: Stats, before: Stats): boolean {
  return now.size !== before.size || now.mtimeMs !== before.mtimeMs;
}
