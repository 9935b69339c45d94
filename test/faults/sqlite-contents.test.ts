import { execFileSync } from "node:child_process";
import { appendFileSync, closeSync, openSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { expectSound, openHere, openOnFile } from "../fixtures/faulty-database.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PAGE = 4_096;

/** Writes nonsense over the page that a table or an index begins with, as a failing disk does. */
function spoil(file: string, name: string): void {
  const database = new DatabaseSync(file);
  const root = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(name)?.["rootpage"];
  database.close();
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(PAGE, 0xab), 0, PAGE, (Number(root) - 1) * PAGE);
  closeSync(descriptor);
}

testFault(
  {
    area: "sqlite",
    fault: "corrupt page",
    injected: "nonsense written over the first page of the index of ready tasks, between two runs",
    holds: "calls are refused with DATABASE_CORRUPT, readiness is off and stays off, the instance stops as ever",
  },
  async () => {
    const first = await openOnFile();
    first.letGo();
    await first.stage3.stop();
    spoil(first.file, "tasks_ready");
    const stage3 = await openHere(first.file, { hold: () => 1 });
    const refused = { code: "DATABASE_CORRUPT" };
    const calls = Array.from({ length: 3 }, () => stage3.broker.enqueue("default", "hold", []));
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: refused });
    expect(await stage3.isReady()).toBe(false);
    await stage3.start();
    await expect(stage3.broker.enqueue("default", "hold", [])).rejects.toMatchObject(refused);
    expect(await stage3.isReady()).toBe(false);
    await stage3.stop();
  },
);

testFault(
  {
    area: "sqlite",
    fault: "corrupt page found by a read",
    injected: "nonsense written over the first page of the index of tasks by id",
    holds: "the call is refused with DATABASE_CORRUPT, and readiness is off though nothing was to be written",
  },
  async () => {
    const first = await openOnFile();
    first.letGo();
    await first.stage3.stop();
    spoil(first.file, "sqlite_autoindex_tasks_1");
    const stage3 = await openHere(first.file);
    expect(await stage3.isReady()).toBe(true);
    await expect(stage3.broker.status(first.running)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
    expect(await stage3.isReady()).toBe(false);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "torn log",
    injected:
      "the files as a power cut leaves them, with half a frame at the log's end, with nonsense, or cut short there",
    holds: "all that was acknowledged before the tear is found, and the file is sound",
  },
  async () => {
    const { stage3, file } = await openOnFile();
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1)
      ids.push(await stage3.broker.enqueue("default", "hold", [String(count)]));
    const sizes = statSync(`${file}-wal`).size;
    const last = await stage3.broker.enqueue("default", "hold", ["last"]);
    const tears: [(log: string) => void, readonly string[]][] = [
      [(log) => appendFileSync(log, Buffer.alloc(2_000, 0x2d)), [...ids, last]],
      [(log) => appendFileSync(log, Buffer.alloc(3 * (PAGE + 24), 0xab)), [...ids, last]],
      [(log) => truncateSync(log, statSync(log).size - 100), ids],
      [(log) => truncateSync(log, sizes + 30), ids],
    ];
    for (const [tear, expected] of tears) {
      const copy = join(temporaryFolder(), "queue.db");
      // By another process: to close a file that is open here as well would end SQLite's locks on it.
      for (const suffix of ["", "-wal"]) execFileSync("cp", [file + suffix, copy + suffix]);
      tear(`${copy}-wal`);
      const anew = await openHere(copy);
      for (const id of expected) expect(await anew.broker.status(id)).toBeDefined();
      await anew.stop();
      expectSound(copy);
    }
  },
);
