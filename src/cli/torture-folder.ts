import { mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { Stage3Error } from "../core/errors.ts";
import { makeFolder } from "../storage/sqlite/files/make-folder.ts";

/** A new folder for the databases of the torture. */
export class TortureFolder {
  readonly path: string;
  /** The folders that had to be made for it, outermost first. */
  readonly #made: readonly string[];

  /**
   * Beside the database, or where this system keeps temporary files.
   *
   * @throws Stage3Error where none can be made there.
   */
  constructor(database: string | undefined, workingFolder: string) {
    const location = database === undefined ? undefined : parseDatabaseUrl(database, workingFolder);
    const parent = location?.kind === "sqlite" ? dirname(location.file) : tmpdir();
    this.#made = makeFolder(parent);
    try {
      this.path = mkdtempSync(join(parent, "stage3queue-torture-"));
    } catch (error) {
      this.#removeMade();
      const message = `No folder can be made in ${parent}; name a database in another one with --database.`;
      throw new Stage3Error("DATABASE_UNAVAILABLE", message, { cause: error });
    }
  }

  /** Removes it with all that is in it, and the folders that were made for it, as far as they are empty then. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
    this.#removeMade();
  }

  #removeMade(): void {
    try {
      for (const folder of this.#made.toReversed()) rmdirSync(folder);
    } catch {
      // Somebody else has put something into it: it stays, and those that it lies in.
    }
  }
}
