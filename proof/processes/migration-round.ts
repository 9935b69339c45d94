import { once } from "node:events";
import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sleep, systemClock } from "../../src/core/clock.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { type InspectedTask, inspectDatabase, readTasks } from "../sqlite/inspection.ts";
import { makeOldDatabase } from "../sqlite/old-database.ts";
import type { Chance } from "../simulation/chance.ts";
import type { Guard } from "./guard.ts";
import { startProcess } from "./worker-process.ts";
import type { MigratingSettings } from "./worker-settings.ts";

/** About as long as it takes to make a database, or to bring one up to date. */
const LONGEST_MS = 12;
const LIMIT_MS = 5_000;
const NAME = "migrated-";
const OLD_NAME = "old.db";
const OLD_TASKS = 500;

export interface MigrationParts {
  readonly folder: string;
  readonly cache: string;
  readonly chance: Chance;
  readonly guard: Guard;
}

/**
 * Has a process killed while it makes a database, or while it brings one of the first schema up to date, and answers
 * with what is wrong with the file then, as sentences.
 */
export async function killWhileMigrating(kind: "migration" | "upgrade", parts: MigrationParts): Promise<string[]> {
  const { folder, cache, chance, guard } = parts;
  const old = kind === "upgrade" ? join(folder, OLD_NAME) : undefined;
  const before = old === undefined ? [] : tasksOfNew(old);
  const settings: MigratingSettings = { old, files: join(folder, NAME), afterMs: chance.between(0, LONGEST_MS) };
  const process = startProcess("migrating", settings, { env: { NODE_COMPILE_CACHE: cache }, guard });
  const limit = new AbortController();
  void sleep(systemClock, LIMIT_MS, limit.signal).then(() => process.kill("SIGKILL"));
  await once(process, "exit");
  limit.abort();
  const faults: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.startsWith(NAME) && /\d$/u.test(name)))
    faults.push(...(await faultsOf(join(folder, file), before)));
  clear(folder, faults.length > 0);
  return faults;
}

/** The next round takes the same names: what shows a fault gets others, the rest is removed. */
function clear(folder: string, hasFaults: boolean): void {
  const number = readdirSync(folder).filter((name) => name.startsWith("broken-")).length;
  for (const file of readdirSync(folder).filter((name) => name.startsWith(NAME) || name.startsWith(OLD_NAME))) {
    if (hasFaults) renameSync(join(folder, file), join(folder, `broken-${number}-${file}`));
    else rmSync(join(folder, file));
  }
}

/** Makes the old database; answers with the tasks in it. */
function tasksOfNew(file: string): readonly InspectedTask[] {
  makeOldDatabase(file, OLD_TASKS);
  return readTasks(file);
}

/** Whatever was left of it, it can be opened, is then sound, and has the tasks that it had before. */
async function faultsOf(file: string, before: readonly InspectedTask[]): Promise<string[]> {
  try {
    const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
    await storage.registry(undefined);
    await storage.close();
    const { faults, tasks } = inspectDatabase(file);
    const now = new Set(tasks.map((task) => JSON.stringify(task)));
    const missing = before.filter((task) => !now.has(JSON.stringify(task)));
    const isWhole = missing.length === 0 && tasks.length === before.length;
    const lost = `${missing.length} of ${before.length} tasks are gone or changed, and ${tasks.length} are there`;
    return [...faults, ...(isWhole ? [] : [lost])].map(
      (fault) => `in a database whose making or upgrade was killed: ${fault}`,
    );
  } catch (error) {
    return [`a database that was being made or upgraded when its process died cannot be opened: ${String(error)}`];
  }
}
