import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { prepareStatements } from "../../../src/storage/sqlite/statements/all.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

/** What each statement is to be served by. */
const INDEXES: readonly (readonly [statement: string, index: string])[] = [
  ["ready", "INDEX tasks_ready (topic=?)"],
  ["readyKeys", "INDEX tasks_ready (topic=?)"],
  ["readyByKey", "INTEGER PRIMARY KEY (rowid=?)"],
  ["readyOfFunction", "INDEX tasks_ready_by_function (topic=? AND priority=? AND function=? AND sequence>?)"],
  ["readyFunctions", "PRIMARY KEY (topic=?)"],
  ["readyPriorities", "PRIMARY KEY (topic=? AND function=?)"],
  ["claim", "INTEGER PRIMARY KEY (rowid=?)"],
  ["running", "INDEX sqlite_autoindex_tasks_1 (id=?)"],
  ["finish", "INTEGER PRIMARY KEY (rowid=?)"],
  ["bury", "INDEX sqlite_autoindex_tasks_1 (id=?)"],
  ["due", "INDEX tasks_waiting (due_at<?)"],
  ["runningOf", "INDEX tasks_running (worker=?)"],
  ["ended", "INDEX tasks_ended_by_topic (topic=? AND state=? AND ended_at>? AND ended_at<?)"],
  ["sizeOf", "INTEGER PRIMARY KEY (rowid=?)"],
  ["deadLetters", "INDEX tasks_dead (sequence<?)"],
  ["deadLettersOfTopic", "INDEX tasks_dead_by_topic (topic=? AND sequence<?)"],
  ["abortRequests", "INDEX tasks_running (worker=?)"],
  ["removeNth", "INDEX failures_of_task (task=?)"],
  ["nextDueAt", "INDEX tasks_waiting"],
  ["oldestQueued", "SEARCH head USING COVERING INDEX tasks_ready (topic=? AND priority=?)"],
  ["unclaimable", "SEARCH offer USING COVERING INDEX worker_functions_by_name (topic=? AND function=?)"],
];

test.each(INDEXES)("%s is served by %s and sorts nothing", async (statement, index) => {
  const file = newFile();
  await openSqlite(file);
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  const { tasks, selection, reads, failures, counters } = prepareStatements(database);
  const sql = new Map(Object.entries({ ...tasks, ...selection, ...reads, ...failures, ...counters })).get(
    statement,
  )?.sourceSQL;
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  const steps = plan.map(({ detail }) => String(detail));
  expect(steps.join("; ")).toContain(index);
  // What puts the failures of one task in order is no sorting of tasks.
  expect(steps.filter((step) => step === "USE TEMP B-TREE FOR ORDER BY" || step === "SCAN tasks")).toEqual([]);
});
