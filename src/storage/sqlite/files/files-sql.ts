import type { Sql } from "../prepared.ts";

/** What is asked of SQLite about its files. */
export const FILES_SQL: Sql<"pageCount" | "pageSize" | "freePages" | "dataVersion" | "checkpoint" | "checkpointAll"> = {
  pageCount: `PRAGMA page_count`,

  pageSize: `PRAGMA page_size`,

  freePages: `PRAGMA freelist_count`,

  /** A number that changes with each commit of another connection. */
  dataVersion: `PRAGMA data_version`,

  /** Takes of the log into the file whatever nobody reads any more. */
  checkpoint: `PRAGMA wal_checkpoint(PASSIVE)`,

  /** The same of all of it, and empties the log. */
  checkpointAll: `PRAGMA wal_checkpoint(TRUNCATE)`,
};
