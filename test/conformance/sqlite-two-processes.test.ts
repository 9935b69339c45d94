import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { Storage } from "../../src/storage/port.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { describeStorage } from "./describe-storage.ts";
import { AlternatingStorage } from "./fixtures/alternating-storage.ts";
import { RemoteStorage } from "./fixtures/remote-storage.ts";
import { StorageProcess } from "./fixtures/storage-process.ts";

let other: StorageProcess;

beforeAll(async () => {
  other = await StorageProcess.start();
});

afterAll(async () => {
  await other[Symbol.asyncDispose]();
});

describeStorage("SqliteStorage in two processes on one file", { open: openTwice, randomRuns: 20 });

async function openTwice(): Promise<Storage> {
  const file = join(temporaryFolder(), "queue.db");
  const here = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
  return new AlternatingStorage(here, await RemoteStorage.open(other, file));
}
