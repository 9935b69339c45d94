import { expect, onTestFinished, test } from "vitest";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { Driver } from "../../conformance/driver.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

test("tells of what another connection has changed, once, and of nothing of its own", async () => {
  const clock = new VirtualClock();
  const file = newFile();
  const first = await Driver.start(await openSqlite(file, { clock }));
  const second = await openSqlite(file, { clock });
  const told = { first: 0, second: 0 };
  const watches = [first.storage.watch(() => (told.first += 1)), second.watch(() => (told.second += 1))];
  await clock.advance(100);
  expect(told).toEqual({ first: 0, second: 0 });
  await first.enqueue("a");
  await clock.advance(20);
  expect(told).toEqual({ first: 0, second: 1 });
  await clock.advance(100);
  expect(told).toEqual({ first: 0, second: 1 });
  for (const watch of watches) watch.stop();
  expect(clock.pendingTimers).toBe(0);
  await first.enqueue("b");
  await clock.advance(100);
  expect(told).toEqual({ first: 0, second: 1 });
});

test("tells again and again where the database cannot be asked", async () => {
  const clock = new VirtualClock();
  const storage = await SqliteStorage.open({ file: newFile(), durability: "process-crash", clock });
  let told = 0;
  const watch = storage.watch(() => (told += 1));
  onTestFinished(() => watch.stop());
  await storage.close();
  await clock.advance(60);
  expect(told).toBeGreaterThanOrEqual(3);
});

test("is told by the system that the log was written to, before it asks by itself", async () => {
  const file = newFile();
  // Its time stands still: it never asks by itself.
  const watching = await openSqlite(file, { clock: new VirtualClock() });
  const writer = await Driver.start(await openSqlite(file));
  const told = Promise.withResolvers<void>();
  const watch = watching.watch(told.resolve);
  onTestFinished(() => watch.stop());
  let round = 0;
  const writing = setInterval(() => void writer.enqueue(String((round += 1))), 10);
  onTestFinished(() => clearInterval(writing));
  await told.promise;
  clearInterval(writing);
  await writer.enqueue("last");
});
