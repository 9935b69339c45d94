import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareAll } from "./prepare.ts";

const SQL = {
  sequence: `SELECT value FROM counters WHERE name = 'sequence'`,

  setSequence: `UPDATE counters SET value = ? WHERE name = 'sequence'`,

  insertProbe: `INSERT INTO counters (name, value) VALUES (printf('probe%.*c', ?, '.'), 0)`,

  removeProbe: `DELETE FROM counters WHERE name GLOB 'probe.*'`,

  addToTopic: `
    INSERT INTO topic_counts (topic, state, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, state) DO UPDATE SET tasks = tasks + excluded.tasks`,

  capacity: `SELECT tasks FROM capacity_counts WHERE topic = ? AND priority = ?`,

  addToCapacity: `
    INSERT INTO capacity_counts (topic, priority, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, priority) DO UPDATE SET tasks = tasks + excluded.tasks`,

  addToReady: `
    INSERT INTO ready_counts (topic, function, priority, tasks)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (topic, function, priority) DO UPDATE SET tasks = tasks + excluded.tasks`,

  removeEmptyReady: `DELETE FROM ready_counts WHERE topic = ? AND function = ? AND priority = ? AND tasks = 0`,

  addToWaiting: `
    INSERT INTO waiting_counts (topic, function, tasks)
    VALUES (?, ?, ?)
    ON CONFLICT (topic, function) DO UPDATE SET tasks = tasks + excluded.tasks`,

  removeEmptyWaiting: `DELETE FROM waiting_counts WHERE topic = ? AND function = ? AND tasks = 0`,

  /** Every topic that is registered or has tasks, by state. */
  topics: `
    SELECT topic, NULL AS state, 0 AS tasks
    FROM topics
    UNION ALL
    SELECT topic, state, tasks
    FROM topic_counts
    WHERE tasks <> 0`,

  servedTopics: `SELECT DISTINCT topic FROM worker_functions`,

  /** In a line nobody has waited for longer than its first task. */
  oldestQueued: `
    SELECT lines.topic, min(coalesce(tasks.queued_at, tasks.enqueued_at)) AS queued_at
    FROM (SELECT DISTINCT topic, priority FROM ready_counts) AS lines
    JOIN tasks ON tasks.key = (
      SELECT head.key
      FROM tasks AS head
      WHERE head.topic = lines.topic AND head.priority = lines.priority AND head.state = 'ready'
      ORDER BY head.sequence
      LIMIT 1
    )
    GROUP BY lines.topic`,

  unclaimable: `
    SELECT topic, function, sum(tasks) AS tasks
    FROM (
      SELECT topic, function, tasks FROM ready_counts
      UNION ALL
      SELECT topic, function, tasks FROM waiting_counts
    ) AS queued
    WHERE NOT EXISTS (
      SELECT 1
      FROM worker_functions AS offer
      WHERE offer.topic = queued.topic AND offer.function = queued.function
    )
    GROUP BY topic, function`,
} as const;

export type CounterStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function counterStatements(database: DatabaseSync): CounterStatements {
  return prepareAll(database, SQL);
}
