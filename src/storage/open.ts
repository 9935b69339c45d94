import { assertNever } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { DatabaseLocation } from "../core/database-url.ts";
import type { Durability } from "../core/options/types.ts";
import type { Storage } from "./port.ts";

/** What a storage needs besides its place. */
export interface OpenStorageOptions {
  readonly durability: Durability;
  readonly clock: Clock;
  /** For how long opening is tried again while another program holds the lock. */
  readonly retryForMs?: number;
}

/** Opens a storage; only what it needs is loaded. */
export async function openStorage(database: DatabaseLocation, options: OpenStorageOptions): Promise<Storage> {
  switch (database.kind) {
    case "memory": {
      const { SqliteStorage } = await import("./sqlite/sqlite-storage.ts");
      const { limitsOfThisProcess } = await import("./sqlite/memory.ts");
      return SqliteStorage.openInMemory(options.clock, limitsOfThisProcess());
    }
    case "sqlite": {
      const { SqliteStorage } = await import("./sqlite/sqlite-storage.ts");
      return SqliteStorage.open({ ...options, file: database.file });
    }
    default:
      return assertNever(database);
  }
}
