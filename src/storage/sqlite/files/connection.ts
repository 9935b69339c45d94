import type { DatabaseSync } from "node:sqlite";
import { dirname, resolve } from "node:path";
import { sleep, type Clock } from "../../../core/clock.ts";
import { Stage3Error } from "../../../core/errors.ts";
import type { Durability } from "../../../core/options/types.ts";
import { GuardedConnection, IN_MEMORY } from "./guarded-connection.ts";
import { isBusy, toStorageError } from "../errors.ts";
import { makeFolder } from "./make-folder.ts";
import { migrate } from "../schema/migrations.ts";
import { APPLICATION_ID, isUpToDate } from "../schema/schema-check.ts";

export interface ConnectionOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly durability: Durability;
  readonly clock: Clock;
  /** For how long opening is tried again while somebody else holds the lock. */
  readonly retryForMs?: number;
}

const RETRY_EVERY_MS = 20;

/** Opens the file, makes it ours and brings it up to date. */
export async function openConnection(options: ConnectionOptions): Promise<GuardedConnection> {
  const { clock, retryForMs = 5_000 } = options;
  const giveUpAt = clock.monotonic() + retryForMs;
  for (;;) {
    try {
      return openNow(options);
    } catch (error) {
      if (!isBusy(error)) throw toStorageError(error, options.file);
      if (clock.monotonic() >= giveUpAt) throw lockedForTooLong(options.file, error);
    }
    await sleep(clock, RETRY_EVERY_MS);
  }
}

function openNow({ file, durability }: ConnectionOptions): GuardedConnection {
  const path = file === IN_MEMORY ? file : resolve(file);
  if (path !== IN_MEMORY) makeFolder(dirname(path));
  return GuardedConnection.open({
    path,
    setUp(database) {
      const upToDate = isUpToDate(database);
      configure(database, durability);
      if (!upToDate) migrate(database, APPLICATION_ID);
    },
    configure: (database) => configure(database, durability),
  });
}

function configure(database: DatabaseSync, durability: Durability): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"};
    -- On macOS, fsync alone leaves data in the drive's own memory.
    PRAGMA fullfsync = ${durability === "power-loss" ? "ON" : "OFF"};
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32000;
    PRAGMA journal_size_limit = 67108864;
    -- Within a commit, nobody could look at the files first.
    PRAGMA wal_autocheckpoint = 0;
  `);
}

function lockedForTooLong(file: string, cause: unknown): Stage3Error {
  return new Stage3Error(
    "DATABASE_UNAVAILABLE",
    `${file} is locked by another program; end its transaction, or close it.`,
    { cause },
  );
}
