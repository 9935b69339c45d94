import { DatabaseSync } from "node:sqlite";
import { type TaskState, hasEnded } from "../../src/core/transitions.ts";
import { number, optionalText, text } from "../../src/storage/sqlite/row.ts";

/** What a database file holds, seen by a connection of its own in one snapshot. */
export interface Inspection {
  /** What is wrong with the file, as sentences; none where all is well. */
  readonly faults: readonly string[];
  readonly tasks: readonly InspectedTask[];
}

export interface InspectedTask {
  readonly id: string;
  readonly state: TaskState;
  readonly attempt: number;
  /** As JSON. */
  readonly result: string | undefined;
}

/** Each counter as it is stored, and the rows that it has to count. */
const COUNTERS = {
  topic_counts: {
    stored: "SELECT topic, state, tasks FROM topic_counts WHERE tasks <> 0 ORDER BY 1, 2",
    counted: "SELECT topic, state, count(*) AS tasks FROM tasks GROUP BY 1, 2 ORDER BY 1, 2",
  },
  capacity_counts: {
    stored: "SELECT topic, priority, tasks FROM capacity_counts WHERE tasks <> 0 ORDER BY 1, 2",
    counted: `
      SELECT topic, priority, count(*) AS tasks
      FROM tasks
      WHERE state = 'ready' AND attempt = 0 AND requeued = 0
      GROUP BY 1, 2
      ORDER BY 1, 2`,
  },
  // Without a condition: a row that comes to 0 is to be gone.
  queued_counts: {
    stored: "SELECT topic, function, tasks FROM queued_counts ORDER BY 1, 2",
    counted: `
      SELECT topic, function, count(*) AS tasks
      FROM tasks
      WHERE state IN ('ready', 'waiting')
      GROUP BY 1, 2
      ORDER BY 1, 2`,
  },
} as const;

const TASKS = "SELECT id, state, attempt, result FROM tasks";

/** Nobody would ever end or rescue them. */
const ORPHANS = `
  SELECT id, worker
  FROM tasks
  WHERE state = 'running' AND worker NOT IN (SELECT id FROM workers)`;

/** How long it waits for whoever repairs the file after a crash. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Reads a database file whole: whether SQLite finds it sound, whether the counters tell the truth, whether each running
 * task has a worker. It blocks the thread that calls it, and costs the more, the larger the file is.
 *
 * @throws Error of SQLite where the file cannot be read at all.
 */
export function inspectDatabase(file: string): Inspection {
  return reading(file, (database) => ({
    faults: [...unsoundPages(database), ...wrongCounters(database), ...orphans(database)],
    tasks: tasksOf(database),
  }));
}

/** The tasks of a database file, of whichever schema. */
export function readTasks(file: string): readonly InspectedTask[] {
  return reading(file, tasksOf);
}

/** The running tasks of a database file that have no worker, as sentences. Cheap. */
export function findOrphans(file: string): string[] {
  return reading(file, orphans);
}

/** How many tasks of a database file have not ended. Cheap. */
export function countOpenTasks(file: string): number {
  return reading(file, (database) =>
    database
      .prepare("SELECT state, sum(tasks) AS tasks FROM topic_counts GROUP BY state")
      .all()
      .filter((row) => !hasEnded(text(row, "state") as TaskState))
      .reduce((sum, row) => sum + number(row, "tasks"), 0),
  );
}

/** The workers of a database file that ran in the process `pid`. Cheap. */
export function workersOf(file: string, pid: number): string[] {
  return reading(file, (database) =>
    database
      .prepare("SELECT id FROM workers WHERE pid = ?")
      .all(pid)
      .map((row) => text(row, "id")),
  );
}

function reading<Value>(file: string, read: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec("BEGIN");
    return read(database);
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
    database.close();
  }
}

function tasksOf(database: DatabaseSync): InspectedTask[] {
  return database
    .prepare(TASKS)
    .all()
    .map((row) => ({
      id: text(row, "id"),
      state: text(row, "state") as TaskState,
      attempt: number(row, "attempt"),
      result: optionalText(row, "result"),
    }));
}

function unsoundPages(database: DatabaseSync): string[] {
  const found = database.prepare("PRAGMA integrity_check").all();
  const messages = found.map((row) => text(row, "integrity_check")).filter((message) => message !== "ok");
  const foreign = database.prepare("PRAGMA foreign_key_check").all().length;
  return foreign === 0 ? messages : [...messages, `${foreign} rows belong to tasks that are not there`];
}

function wrongCounters(database: DatabaseSync): string[] {
  return Object.entries(COUNTERS).flatMap(([table, { stored, counted }]) => {
    const told = JSON.stringify(database.prepare(stored).all());
    const truth = JSON.stringify(database.prepare(counted).all());
    return told === truth ? [] : [`${table} holds ${told}, and the rows count ${truth}`];
  });
}

function orphans(database: DatabaseSync): string[] {
  return database
    .prepare(ORPHANS)
    .all()
    .map((row) => `${text(row, "id")} runs in ${text(row, "worker")}, which has no row`);
}
