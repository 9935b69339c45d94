import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

/** What is asked of SQLite about its files. */
const SQL = {
  pageCount: `PRAGMA page_count`,

  pageSize: `PRAGMA page_size`,

  /** Takes of the log into the file whatever nobody reads any more. */
  checkpoint: `PRAGMA wal_checkpoint(PASSIVE)`,

  /** The same of all of it, and empties the log. */
  checkpointAll: `PRAGMA wal_checkpoint(TRUNCATE)`,
} as const;

export type FileStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function fileStatements(database: DatabaseSync): FileStatements {
  return prepareAll(database, SQL);
}
