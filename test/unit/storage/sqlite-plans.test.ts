import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { ALL_SQL } from "../../../src/storage/sqlite/statements.ts";
import { newFile, openSqlite } from "./open-sqlite.ts";

/** What each statement is to be served by. */
const INDEXES: readonly (readonly [statement: string, index: string])[] = [
  ["head", "INDEX tasks_ready (topic=?)"],
  ["line", "INDEX tasks_ready (topic=? AND (priority,sequence)>(?,?))"],
  ["nextFunction", "COVERING INDEX tasks_ready_by_function (topic=? AND function>?)"],
  ["ofFunction", "COVERING INDEX tasks_ready_by_function (topic=? AND function=? AND (priority,sequence)>(?,?))"],
  ["byKey", "INTEGER PRIMARY KEY (rowid=?)"],
  ["byId", "INDEX sqlite_autoindex_tasks_1 (id=?)"],
  ["byAttempt", "INDEX sqlite_autoindex_tasks_1 (id=?)"],
  ["ready", "INTEGER PRIMARY KEY (rowid=?)"],
  ["running", "INTEGER PRIMARY KEY (rowid=?)"],
  ["finished", "INTEGER PRIMARY KEY (rowid=?)"],
  ["due", "INDEX tasks_waiting (due_at<?)"],
  ["expired", "INDEX tasks_expiring (expires_at<?)"],
  ["runningOf", "INDEX tasks_running (worker=?)"],
  ["attemptsOf", "INDEX tasks_running (worker=?)"],
  ["ended", "INDEX tasks_ended_by_topic (topic=? AND state=? AND ended_at>? AND ended_at<?)"],
  ["sizeOf", "INTEGER PRIMARY KEY (rowid=?)"],
  ["ofAll", "INDEX tasks_dead (sequence<?)"],
  ["ofTopic", "INDEX tasks_dead_by_topic (topic=? AND sequence<?)"],
  ["abortRequests", "INDEX tasks_running (worker=?)"],
  ["removeNth", "INDEX failures_of_task (task=?)"],
  ["nextDueAt", "INDEX tasks_waiting"],
  ["nextDueAt", "INDEX tasks_expiring"],
  ["oldestQueued", "SEARCH next USING COVERING INDEX tasks_ready (topic=? AND priority>?)"],
  ["unclaimable", "SEARCH offer USING COVERING INDEX worker_functions_by_name (topic=? AND function=?)"],
];

test.each(INDEXES)("%s is served by %s and sorts nothing", async (statement, index) => {
  const file = newFile();
  await openSqlite(file);
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  const sql = ALL_SQL.map((group) => group[statement]).find((text) => text !== undefined);
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  const steps = plan.map(({ detail }) => String(detail));
  expect(steps.join("; ")).toContain(index);
  // What puts the failures of one task in order is no sorting of tasks.
  expect(steps.filter((step) => step === "USE TEMP B-TREE FOR ORDER BY" || step === "SCAN tasks")).toEqual([]);
});
