import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../src/storage/sqlite/schema/migrations.ts";
import { APPLICATION_ID } from "../../src/storage/sqlite/schema/schema-check.ts";

/** The first half of the tasks is ready, the second has finished. */
const TASKS = `
  WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :tasks)
  INSERT INTO tasks (key, id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, ended_at, args, result)
  SELECT
    number, 'task ' || number, 'default', 'work', 10, iif(number <= :ready, 'ready', 'finished'), number,
    number > :ready, number > :ready, number, iif(number > :ready, number, NULL), '[' || number || ']',
    iif(number > :ready, '"result ' || number || '"', NULL)
  FROM numbers`;

/** Makes a database as the code of the first schema would have left it, with so many tasks, an even number. */
export function makeOldDatabase(file: string, tasks: number): void {
  const ready = tasks / 2;
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA journal_mode = WAL");
    migrate(database, APPLICATION_ID, 1);
    database.prepare(TASKS).run({ tasks, ready });
    database.exec(`
      INSERT INTO topic_counts VALUES ('default', 'ready', ${ready}), ('default', 'finished', ${ready});
      INSERT INTO capacity_counts VALUES ('default', 10, ${ready});
      INSERT INTO ready_counts VALUES ('default', 'work', 10, ${ready});
      UPDATE counters SET value = ${tasks} WHERE name = 'sequence';
    `);
  } finally {
    database.close();
  }
}
