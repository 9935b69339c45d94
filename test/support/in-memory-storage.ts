import { systemClock } from "../../src/core/clock.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";

/** A storage for one test, without limits. */
export function openInMemory(): Promise<SqliteStorage> {
  return SqliteStorage.openInMemory(systemClock);
}
