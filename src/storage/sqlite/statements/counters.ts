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

  topics: `
    SELECT topics.topic, topic_counts.state, topic_counts.tasks
    FROM topics
    LEFT JOIN topic_counts ON topic_counts.topic = topics.topic`,
} as const;

export type CounterStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function counterStatements(database: DatabaseSync): CounterStatements {
  return prepareAll(database, SQL);
}
