import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Opens `file`, and closes it when the test ends. */
export async function openSqlite(
  file: string,
  options: { readonly retryForMs?: number; readonly clock?: Clock } = {},
): Promise<SqliteStorage> {
  const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** The path of a database that is not there yet, in a folder that is. */
export function newFile(): string {
  return join(temporaryFolder(), "queue.db");
}
