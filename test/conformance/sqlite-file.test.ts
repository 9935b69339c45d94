import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { describeStorage } from "./describe-storage.ts";

describeStorage("SqliteStorage in a file", {
  open: () =>
    SqliteStorage.open({ file: join(temporaryFolder(), "queue.db"), durability: "process-crash", clock: systemClock }),
  randomRuns: 30,
});
