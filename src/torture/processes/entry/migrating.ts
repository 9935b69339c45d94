// Opens fresh databases, one after another; each is made, and brought up to date, under the eyes of the killer.
import { systemClock } from "../../../core/clock.ts";
import { SqliteStorage } from "../../../storage/sqlite/sqlite-storage.ts";
import { Killer } from "../killer.ts";
import type { MigratingSettings } from "../worker-settings.ts";

const { files, afterMs } = JSON.parse(process.argv[2] ?? "") as MigratingSettings;
process.once("disconnect", () => process.exit(1));

const killer = await Killer.start();
for (let number = 0; ; number += 1) {
  // It does all its work before it returns its promise. A file that was made too soon is followed by another.
  const open = (): Promise<SqliteStorage> =>
    SqliteStorage.open({ file: `${files}${number}`, durability: "power-loss", clock: systemClock });
  const storage = await killer.during(open, afterMs / (1 + number / 4));
  await storage.close();
}
