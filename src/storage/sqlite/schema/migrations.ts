import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { packageRoot } from "../../../core/package-root.ts";
import { number } from "../row.ts";

const FOLDER = new URL("migrations/sqlite/", packageRoot());

interface Migration {
  /** The schema version that it leads to. */
  readonly version: number;
  readonly sql: string;
}

/** The schema version that this code is written for: the number of the last migration. */
export function currentVersion(): number {
  return migrationFiles().reduce((highest, file) => Math.max(highest, versionOf(file)), 0);
}

/**
 * Brings the schema up to date, or up to version `last`, in one transaction. Several connections may do this at once:
 * whoever comes second finds it done. Throws SQLite's BUSY where somebody else is at it.
 */
export function migrate(database: DatabaseSync, applicationId: number, last: number = currentVersion()): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = schemaVersion(database);
    for (const migration of migrationsBetween(version, last)) {
      database.exec(migration.sql);
      database.exec(`PRAGMA user_version = ${migration.version}`);
    }
    if (version === 0) database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

export function schemaVersion(database: DatabaseSync): number {
  return number(database.prepare("PRAGMA user_version").get() ?? {}, "user_version");
}

function migrationsBetween(first: number, last: number): Migration[] {
  return migrationFiles()
    .map((file) => ({ version: versionOf(file), sql: readFileSync(new URL(file, FOLDER), "utf8") }))
    .filter(({ version }) => version > first && version <= last)
    .toSorted((a, b) => a.version - b.version);
}

function migrationFiles(): string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith(".sql"));
}

function versionOf(file: string): number {
  return Number.parseInt(file, 10);
}
