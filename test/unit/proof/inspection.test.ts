import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { countOpenTasks, findOrphans, inspectDatabase, workersOf } from "../../../proof/sqlite/inspection.ts";
import { SqliteStorage } from "../../../src/storage/sqlite/sqlite-storage.ts";
import { newFile } from "../storage/open-sqlite.ts";

const FUNCTIONS = new Map([["run", { maxRestarts: 1 }]]);
const PROCESS = { bootId: "boot", pidNamespace: "pid", pid: 4_711, startTime: "1" };

/** A database in which one task runs and another one waits. */
async function withTasks(): Promise<string> {
  const file = newFile();
  const storage = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
  const task = { topic: "a", function: "run", args: "[]", priority: 10, options: {}, maxQueueLen: 10 };
  await storage.turn(
    [
      { kind: "registerWorker", worker: { id: "worker", heartbeat: 0, leaseMs: 1_000, process: PROCESS } },
      { kind: "enqueue", id: "running", ...task },
      { kind: "claim", topic: "a", worker: "worker", limit: 1, functions: FUNCTIONS },
      { kind: "enqueue", id: "waiting", ...task },
    ],
    { now: 1 },
  );
  await storage.close();
  return file;
}

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test("a sound database has no faults, and tells its tasks", async () => {
  const file = await withTasks();
  const { faults, tasks } = inspectDatabase(file);
  expect(faults).toEqual([]);
  expect(tasks).toEqual([
    { id: "running", state: "running", attempt: 1, result: undefined },
    { id: "waiting", state: "ready", attempt: 0, result: undefined },
  ]);
  expect(countOpenTasks(file)).toBe(2);
  expect(workersOf(file, PROCESS.pid)).toEqual(["worker"]);
  expect(workersOf(file, 1)).toEqual([]);
});

test("a running task without a worker is found", async () => {
  const file = await withTasks();
  change(file, "DELETE FROM workers");
  expect(findOrphans(file)).toEqual(["running runs in worker, which has no row"]);
  expect(inspectDatabase(file).faults).toEqual(findOrphans(file));
});

test.each([
  ["topic_counts", "UPDATE topic_counts SET tasks = tasks + 1 WHERE state = 'ready'"],
  ["capacity_counts", "UPDATE capacity_counts SET tasks = tasks + 1"],
  ["queued_counts", "DELETE FROM queued_counts"],
])("%s that do not count the rows are found", async (table, sql) => {
  const file = await withTasks();
  change(file, sql);
  expect(inspectDatabase(file).faults).toEqual([expect.stringContaining(`${table} holds`)]);
});

test("what belongs to a task that is not there is found", async () => {
  const file = await withTasks();
  change(file, "PRAGMA foreign_keys = OFF; INSERT INTO long_args (task, args) VALUES (99, '[]')");
  expect(inspectDatabase(file).faults).toEqual(["1 rows belong to tasks that are not there"]);
});

test("a row that its index misses is found", async () => {
  const file = await withTasks();
  const bytes = readFileSync(file);
  // The id stands in the row and in the index of ids, and its letters perhaps elsewhere.
  const faults: string[] = [];
  for (let place = bytes.indexOf("waiting"); place >= 0; place = bytes.indexOf("waiting", place + 1)) {
    const damaged = Buffer.from(bytes);
    damaged.write("xaiting", place);
    writeFileSync(file, damaged);
    faults.push(...faultsOf(file));
  }
  expect(faults).toContainEqual(expect.stringMatching(/row \d+ missing from index/));
});

/** Or why the file cannot even be read. */
function faultsOf(file: string): readonly string[] {
  try {
    return inspectDatabase(file).faults;
  } catch (error) {
    return [String(error)];
  }
}
