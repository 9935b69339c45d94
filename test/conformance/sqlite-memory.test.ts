import { systemClock } from "../../src/core/clock.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { describeStorage } from "./describe-storage.ts";

describeStorage("SqliteStorage in memory", {
  open: () => SqliteStorage.open({ file: ":memory:", durability: "power-loss", clock: systemClock }),
  randomRuns: 100,
});
