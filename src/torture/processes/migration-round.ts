import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sleep, systemClock } from "../../core/clock.ts";
import { SqliteStorage } from "../../storage/sqlite/sqlite-storage.ts";
import { inspectDatabase } from "../../storage/sqlite/inspection.ts";
import type { Chance } from "../simulation/chance.ts";
import { startProcess } from "./worker-process.ts";

/** About as long as it takes to make a database. */
const LONGEST_MS = 12;
const LIMIT_MS = 5_000;
const NAME = "migrated-";

/** Has a process killed while it makes a database, and answers with what is wrong with the file then, as sentences. */
export async function killWhileMigrating(parts: {
  readonly folder: string;
  readonly cache: string;
  readonly chance: Chance;
}): Promise<string[]> {
  const settings = { files: join(parts.folder, NAME), afterMs: parts.chance.between(0, LONGEST_MS) };
  const process = startProcess("migrating", settings, { NODE_COMPILE_CACHE: parts.cache });
  const limit = new AbortController();
  void sleep(systemClock, LIMIT_MS, limit.signal).then(() => process.kill("SIGKILL"));
  await once(process, "exit");
  limit.abort();
  const files = readdirSync(parts.folder).filter((name) => name.startsWith(NAME));
  const faults: string[] = [];
  for (const file of files.filter((name) => /\d$/u.test(name)))
    faults.push(...(await faultsOf(join(parts.folder, file))));
  for (const file of files) rmSync(join(parts.folder, file), { force: true });
  return faults;
}

/** Whatever was left of it, it can be opened, and is then sound. */
async function faultsOf(file: string): Promise<string[]> {
  try {
    const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
    await storage.registry(undefined);
    await storage.close();
    return [...inspectDatabase(file).faults];
  } catch (error) {
    return [`a database that was being made when its process died cannot be opened: ${String(error)}`];
  }
}
