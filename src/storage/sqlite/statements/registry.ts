import type { DatabaseSync, StatementSync } from "node:sqlite";
import { KNOWN_FOR_MS, LONGEST_SERVED_MS } from "../../known-for.ts";
import { prepareAll } from "./prepare.ts";

const SQL = {
  registerTopic: `
    INSERT INTO topics (topic, priority, max_concurrency, max_queue_len, max_restarts)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (topic) DO UPDATE SET
      priority = excluded.priority,
      max_concurrency = excluded.max_concurrency,
      max_queue_len = excluded.max_queue_len,
      max_restarts = excluded.max_restarts`,

  registerFunction: `
    INSERT INTO functions (topic, function, policy, offered_ms)
    VALUES (:topic, :name, :policy, (SELECT served_ms FROM topics WHERE topic = :topic))
    ON CONFLICT (topic, function) DO UPDATE SET
      policy = excluded.policy,
      offered_ms = excluded.offered_ms`,

  offer: `INSERT OR IGNORE INTO worker_functions (worker, topic, function) VALUES (?, ?, ?)`,

  offeredTopics: `SELECT DISTINCT topic FROM worker_functions WHERE worker = ?`,

  serve: `
    UPDATE topics
    SET
      served_ms = served_ms + iif(:now - served_until BETWEEN 0 AND ${LONGEST_SERVED_MS}, :now - served_until, 0),
      served_until = :now
    WHERE topic = :topic`,

  renew: `
    UPDATE functions
    SET offered_ms = (SELECT served_ms FROM topics WHERE topics.topic = functions.topic)
    WHERE
      topic = :topic
      AND function IN (SELECT function FROM worker_functions WHERE worker = :worker AND topic = :topic)`,

  forget: `
    DELETE FROM functions
    WHERE
      topic = :topic
      AND offered_ms <= (SELECT served_ms FROM topics WHERE topics.topic = functions.topic) - ${KNOWN_FOR_MS}`,

  raiseVersion: `UPDATE counters SET value = value + 1 WHERE name = 'registry_version'`,

  version: `SELECT value FROM counters WHERE name = 'registry_version'`,

  topics: `SELECT topic, priority, max_concurrency, max_queue_len, max_restarts FROM topics`,

  functions: `SELECT topic, function, policy FROM functions`,
};

export type RegistryStatements = { readonly [Name in keyof typeof SQL]: StatementSync };

export function registryStatements(database: DatabaseSync): RegistryStatements {
  return prepareAll(database, SQL);
}
