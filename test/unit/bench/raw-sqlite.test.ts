import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { RawSqlite } from "../../../bench/harness/raw-sqlite.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** How many tasks of a file are in which state. */
function statesIn(file: string): Record<string, unknown> {
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare("SELECT state, count(*) AS tasks FROM tasks GROUP BY state").all();
    return Object.fromEntries(rows.map(({ state, tasks }) => [String(state), tasks]));
  } finally {
    database.close();
  }
}

test("what the figures are compared with does the work that it is said to do", () => {
  const file = join(temporaryFolder(), "raw.db");
  {
    using raw = RawSqlite.create(file, "power-loss");
    raw.enqueue(25, 10);
    expect(statesIn(file)).toEqual({ ready: 25 });
    raw.drain(10, 5);
    expect(statesIn(file)).toEqual({ finished: 5, ready: 20 });
    raw.drain(10);
    expect(statesIn(file)).toEqual({ finished: 25 });
    raw.start();
    expect(statesIn(file)).toEqual({ finished: 25, running: 1 });
  }
  using again = RawSqlite.open(file, "process-crash");
  again.enqueue(1, 1);
  expect(statesIn(file)).toEqual({ finished: 25, ready: 1, running: 1 });
});

test("its mixed load runs every task to its end, some of them twice", () => {
  const file = join(temporaryFolder(), "raw.db");
  using raw = RawSqlite.create(file, "process-crash");
  raw.mixed(95, 10, 20);
  expect(statesIn(file)).toEqual({ finished: 95 });
  const database = new DatabaseSync(file);
  const failures = database.prepare("SELECT count(*) AS failures FROM failures").get();
  const twice = database.prepare("SELECT count(*) AS tasks FROM tasks WHERE attempt = 2").get();
  database.close();
  expect([failures?.["failures"], twice?.["tasks"]]).toEqual([4, 4]);
});
