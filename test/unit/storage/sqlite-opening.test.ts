import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { openConnection } from "../../../src/storage/sqlite/files/connection.ts";
import { StorageProcess } from "../../conformance/fixtures/storage-process.ts";
import { Driver } from "../../conformance/driver.ts";
import { stage3Error } from "../core/invalid.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

/** Another program's connection to the file. */
function foreign(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

test("makes the folders, and leaves one file without a log behind", async () => {
  const file = join(dirname(newFile()), "some", "where", "queue.db");
  const storage = await openSqlite(file);
  await (await Driver.start(storage)).enqueue("a");
  await storage.close();
  await storage.close();
  expect(readdirSync(dirname(file))).toEqual(["queue.db"]);
  expect(await (await openSqlite(file)).state("a")).toBe("ready");
});

test("refuses a folder that cannot be made", async () => {
  const file = newFile();
  writeFileSync(file, "");
  // Below `/proc`, where Linux takes no folders, `mkdir` of Node would go on for ever.
  const folders = [file, join(file, "some", "where"), ...(process.platform === "linux" ? ["/proc/some/where"] : [])];
  for (const folder of folders) {
    await expect(openSqlite(join(folder, "queue.db"))).rejects.toThrow(
      stage3Error("DATABASE_UNAVAILABLE", `The folder ${folder} cannot be made`),
    );
  }
});

test("marks the file as ours, in WAL mode", async () => {
  const file = newFile();
  await openSqlite(file);
  const database = foreign(file);
  expect(pragma(database, "application_id")).toBe(0x53335175);
  expect(pragma(database, "user_version")).toBe(6);
  expect(pragma(database, "journal_mode")).toBe("wal");
});

test("leaves the log to the last of several connections", async () => {
  const file = newFile();
  const first = await openSqlite(file);
  const second = await openSqlite(file);
  await (await Driver.start(first)).enqueue("a");
  await first.close();
  expect(await second.state("a")).toBe("ready");
  await second.close();
  expect(existsSync(`${file}-wal`)).toBe(false);
});

test("takes an empty file, and refuses another application's database without touching it", async () => {
  const empty = newFile();
  writeFileSync(empty, "");
  await openSqlite(empty);

  const file = newFile();
  const database = foreign(file);
  database.exec("CREATE TABLE recipes (name TEXT)");
  await expect(openSqlite(file)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
  expect(pragma(database, "journal_mode")).toBe("delete");
});

test.each([
  [
    "no database",
    "This is a text file, long enough to be looked at as a database header.".repeat(20),
    "DATABASE_CORRUPT",
  ],
  ["a cut one", "SQLite format 3\u0000" + "x".repeat(2_000), "DATABASE_CORRUPT"],
])("refuses a file that is %s", async (_, content, code) => {
  const file = newFile();
  writeFileSync(file, content);
  await expect(openSqlite(file)).rejects.toMatchObject({ code });
});

test("takes a copy that SQLite has made, which has no log", async () => {
  const file = newFile();
  const storage = await openSqlite(file);
  await (await Driver.start(storage)).enqueue("a");
  const copy = newFile();
  foreign(file).prepare("VACUUM INTO ?").run(copy);
  const copied = await openSqlite(copy);
  expect(pragma(foreign(copy), "journal_mode")).toBe("wal");
  expect(await copied.state("a")).toBe("ready");
  await (await Driver.start(copied)).enqueue("b");
});

test("reports a place where no file can be", async () => {
  const file = newFile();
  mkdirSync(file);
  const message = `The database file ${file} cannot be read and written`;
  await expect(openSqlite(file)).rejects.toThrow(stage3Error("DATABASE_UNAVAILABLE", message));
  writeFileSync(join(file, "file"), "");
  const below = join(file, "file", "queue.db");
  await expect(openSqlite(below)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
});

test("refuses a schema that is too new, unless that says it is compatible", async () => {
  const file = newFile();
  await (await openSqlite(file)).close();
  const database = foreign(file);
  database.exec("PRAGMA user_version = 99");
  await openSqlite(file);
  database.exec("UPDATE counters SET value = 98 WHERE name = 'oldest_compatible_schema'");
  await expect(openSqlite(file)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
});

test("several connections and processes open a new file at once", async () => {
  const file = newFile();
  const others = await Promise.all([StorageProcess.start(), StorageProcess.start(), StorageProcess.start()]);
  try {
    const opened = others.map((other) => other.call({ kind: "open", file }));
    await Promise.all([...opened, openSqlite(file), openSqlite(file)]);
  } finally {
    await Promise.all(others.map((other) => other[Symbol.asyncDispose]()));
  }
  expect(pragma(foreign(file), "user_version")).toBe(6);
});

test("waits for a lock that is let go, and gives up on one that is not", async () => {
  const file = newFile();
  const database = foreign(file);
  database.exec("BEGIN EXCLUSIVE");
  await expect(openSqlite(file, { retryForMs: 60 })).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  const opening = openSqlite(file, { retryForMs: 5_000 });
  setTimeout(() => database.exec("ROLLBACK"), 40);
  await (await opening).close();
});

test("writes as durably as it was asked to", async () => {
  for (const [durability, synchronous] of [
    ["power-loss", 2],
    ["process-crash", 1],
  ] as const) {
    const connection = await openConnection({ file: newFile(), durability, clock: systemClock });
    expect(pragma(connection.database, "synchronous")).toBe(synchronous);
    connection.close();
  }
});

test("refuses a file whose schema is damaged", async () => {
  const file = newFile();
  await (await openSqlite(file)).close();
  writeFileSync(file, readFileSync(file).fill(0xff, 1_024));
  await expect(openSqlite(file)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
});

test("tells a file apart whose pages are damaged", async () => {
  const file = newFile();
  await (await openSqlite(file)).close();
  const content = readFileSync(file);
  const pages = foreign(file)
    .prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name IN ('tasks', 'workers')")
    .all();
  for (const page of pages)
    content.fill(0xff, (Number(page["rootpage"]) - 1) * 4_096, Number(page["rootpage"]) * 4_096);
  writeFileSync(file, content);
  const storage = await openSqlite(file);
  await expect(storage.get("a")).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
  await expect(Driver.start(storage)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
});
