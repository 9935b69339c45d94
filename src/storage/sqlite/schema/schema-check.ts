import type { DatabaseSync } from "node:sqlite";
import { Stage3Error } from "../../../core/errors.ts";
import { currentVersion, schemaVersion } from "./migrations.ts";
import { number } from "../row.ts";

/** "S3Qu" in the header of each of our files, so that `file` and this check tell them from others. */
export const APPLICATION_ID = 0x53335175;

/** Whether the database has the current schema; throws where it is not ours, or too new for this code. */
export function isUpToDate(database: DatabaseSync): boolean {
  // One transaction: what another process creates meanwhile is seen whole or not at all.
  database.exec("BEGIN");
  try {
    return isCurrent(database);
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
  }
}

function isCurrent(database: DatabaseSync): boolean {
  const version = schemaVersion(database);
  const applicationId = number(database.prepare("PRAGMA application_id").get() ?? {}, "application_id");
  if (applicationId === 0 && version === 0 && isEmpty(database)) return false;
  if (applicationId !== APPLICATION_ID) {
    throw new Stage3Error(
      "DATABASE_CORRUPT",
      "The file is a database of another application; name another file in `database`.",
    );
  }
  if (version <= currentVersion()) return version === currentVersion();
  requireCompatible(database, version);
  return true;
}

/** A newer version may have kept its schema usable for this one. */
function requireCompatible(database: DatabaseSync, version: number): void {
  const row = database.prepare("SELECT value FROM counters WHERE name = 'oldest_compatible_schema'").get();
  if (number(row ?? {}, "value") <= currentVersion()) return;
  throw new Stage3Error(
    "DATABASE_UNAVAILABLE",
    `The database has schema version ${version}, of a newer Stage3Queue; this one reads up to ${currentVersion()}. ` +
      "Update Stage3Queue here, or name another file in `database`.",
  );
}

function isEmpty(database: DatabaseSync): boolean {
  return number(database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() ?? {}, "tables") === 0;
}
