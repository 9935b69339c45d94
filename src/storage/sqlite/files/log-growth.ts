import { closeSync, openSync, readSync } from "node:fs";
import { logOf } from "./file-identities.ts";

/** How many pages the log may have before they are taken into the file: as many as by SQLite's own default. */
const LONGEST_LOG_PAGES = 1_000;

/** The layout of the log: https://sqlite.org/fileformat2.html#the_write_ahead_log */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Two numbers that are new each time the log is begun anew, in its header and in that of each page. */
const SALTS_BYTES = 8;
const SALTS_IN_LOG_HEADER = 16;
const SALTS_IN_FRAME_HEADER = 8;

/**
 * Whether the log has grown long since it was last begun anew. The length of its file does not tell: it stays, and is
 * written over from the start. So it is looked at whether the page at the limit was written since then.
 */
export class LogGrowth {
  readonly #descriptor: number;
  readonly #limit: number;
  readonly #current: Buffer = Buffer.alloc(SALTS_BYTES);
  readonly #atLimit: Buffer = Buffer.alloc(SALTS_BYTES);

  /** SQLite has no locks on the log's file, so closing this descriptor ends none. */
  constructor(path: string, pageBytes: number) {
    this.#descriptor = openSync(logOf(path), "r");
    const before = (LONGEST_LOG_PAGES - 1) * (FRAME_HEADER_BYTES + pageBytes);
    this.#limit = LOG_HEADER_BYTES + before + SALTS_IN_FRAME_HEADER;
  }

  isLong(): boolean {
    if (readSync(this.#descriptor, this.#atLimit, 0, SALTS_BYTES, this.#limit) < SALTS_BYTES) return false;
    readSync(this.#descriptor, this.#current, 0, SALTS_BYTES, SALTS_IN_LOG_HEADER);
    return this.#current.equals(this.#atLimit);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
