import type { FunctionPolicy } from "../../../core/options/settings.ts";
import { readStoredPolicy, writeStoredPolicy } from "../../../core/options/stored.ts";
import { KNOWN_FOR_MS, LONGEST_SERVED_MS } from "../../known-for.ts";
import type { RegisteredTopic, RegisterTopicOperation, Registry } from "../../port.ts";
import type { Prepared, Sql } from "../prepared.ts";
import { number, optionalNumber, text } from "../row.ts";
import type { Turn } from "../turn.ts";
import { findLease } from "./workers.ts";

export const REGISTRY_SQL: Sql<
  | "registerTopic"
  | "registerFunction"
  | "offer"
  | "offeredTopics"
  | "serve"
  | "renew"
  | "forget"
  | "raiseVersion"
  | "version"
  | "topics"
  | "functions"
> = {
  registerTopic: `
    INSERT INTO topics (topic, priority, max_concurrency, max_queue_len, max_restarts, expires_ms)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (topic) DO UPDATE SET
      priority = excluded.priority,
      max_concurrency = excluded.max_concurrency,
      max_queue_len = excluded.max_queue_len,
      max_restarts = excluded.max_restarts,
      expires_ms = excluded.expires_ms`,

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

  topics: `SELECT topic, priority, max_concurrency, max_queue_len, max_restarts, expires_ms FROM topics`,

  functions: `SELECT topic, function, policy FROM functions`,
};

/** Registers a topic and adds functions to it, which the worker offers from now on. */
export function registerTopic(turn: Turn, operation: RegisterTopicOperation): undefined {
  const { prepared, now } = turn;
  const registry = prepared.of(REGISTRY_SQL);
  const { worker, registration, functions } = operation;
  const { topic, priority, maxConcurrency, maxQueueLen, maxRestarts, expiresMs = null } = registration;
  registry.registerTopic.run(topic, priority, maxConcurrency, maxQueueLen, maxRestarts, expiresMs);
  if (functions.size > 0) registry.serve.run({ topic, now });
  for (const [name, policy] of functions)
    registry.registerFunction.run({ topic, name, policy: writeStoredPolicy(policy) });
  if (findLease(turn, worker) !== undefined) {
    for (const name of functions.keys()) registry.offer.run(worker, topic, name);
  }
  registry.forget.run({ topic });
  registry.raiseVersion.run();
}

/** Tells that a worker still offers what it offers. */
export function renewOffers({ prepared, now }: Turn, worker: string): undefined {
  const registry = prepared.of(REGISTRY_SQL);
  for (const row of registry.offeredTopics.all(worker)) {
    const topic = text(row, "topic");
    registry.serve.run({ topic, now });
    registry.renew.run({ topic, worker });
    if (registry.forget.run({ topic }).changes !== 0) registry.raiseVersion.run();
  }
}

/** What is registered, unless it still is that of `knownVersion`. To be called in one transaction. */
export function readRegistry(prepared: Prepared, knownVersion: number | undefined): Registry | undefined {
  const version = number(prepared.of(REGISTRY_SQL).version.get() ?? {}, "value");
  if (version === knownVersion) return undefined;
  const functions = readFunctions(prepared);
  const topics = new Map<string, RegisteredTopic>();
  for (const row of prepared.of(REGISTRY_SQL).topics.all()) {
    const topic = text(row, "topic");
    topics.set(topic, {
      topic,
      priority: number(row, "priority"),
      maxConcurrency: number(row, "max_concurrency"),
      maxQueueLen: number(row, "max_queue_len"),
      maxRestarts: number(row, "max_restarts"),
      expiresMs: optionalNumber(row, "expires_ms"),
      functions: functions.get(topic) ?? new Map(),
    });
  }
  return { version, topics };
}

function readFunctions(prepared: Prepared): Map<string, Map<string, FunctionPolicy>> {
  const byTopic = new Map<string, Map<string, FunctionPolicy>>();
  for (const row of prepared.of(REGISTRY_SQL).functions.all()) {
    const topic = text(row, "topic");
    let ofTopic = byTopic.get(topic);
    if (ofTopic === undefined) byTopic.set(topic, (ofTopic = new Map<string, FunctionPolicy>()));
    ofTopic.set(text(row, "function"), readStoredPolicy(text(row, "policy")));
  }
  return byTopic;
}
