// Opens databases, one after another, fresh ones or copies of an old one; each is brought up to date under the eyes of
// the killer.
import { copyFileSync, renameSync } from "node:fs";
import { systemClock } from "../../../src/core/clock.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { Killer } from "../killer.ts";
import type { MigratingSettings } from "../worker-settings.ts";

const { old, files, afterMs } = JSON.parse(process.argv[2] ?? "") as MigratingSettings;
process.once("disconnect", () => process.exit(1));

const killer = await Killer.start();
for (let number = 0; ; number += 1) {
  const file = `${files}${number}`;
  if (old !== undefined) copyWhole(old, file);
  // It does all its work before it returns its promise. A file that was done too soon is followed by another.
  const open = (): Promise<SqliteStorage> => SqliteStorage.open({ file, durability: "power-loss", clock: systemClock });
  const storage = await killer.during(open, afterMs / (1 + number / 4));
  await storage.close();
}

/** Under its name no half of it is ever found. */
function copyWhole(from: string, to: string): void {
  copyFileSync(from, `${to}.copy`);
  renameSync(`${to}.copy`, to);
}
