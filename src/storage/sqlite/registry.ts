import type { FunctionPolicy } from "../../core/options/settings.ts";
import type { RegisteredTopic, RegisterTopicOperation, Registry } from "../port.ts";
import { readPolicy, writePolicy } from "./policy-json.ts";
import { number, text } from "./row.ts";
import type { RegistryStatements } from "./statements/registry.ts";
import type { TurnContext } from "./turn-context.ts";

/** Registers a topic and adds functions to it, which the worker offers from now on. */
export function registerTopic({ statements, now }: TurnContext, operation: RegisterTopicOperation): undefined {
  const { registry, workers } = statements;
  const { worker, registration, functions } = operation;
  const { topic, priority, maxConcurrency, maxQueueLen, maxRestarts } = registration;
  registry.registerTopic.run(topic, priority, maxConcurrency, maxQueueLen, maxRestarts);
  if (functions.size > 0) registry.serve.run({ topic, now });
  for (const [name, policy] of functions) registry.registerFunction.run({ topic, name, policy: writePolicy(policy) });
  if (workers.lease.get(worker) !== undefined) {
    for (const name of functions.keys()) registry.offer.run(worker, topic, name);
  }
  registry.forget.run({ topic });
  registry.raiseVersion.run();
}

/** Tells that a worker still offers what it offers. */
export function renewOffers({ statements, now }: TurnContext, worker: string): undefined {
  const { registry } = statements;
  for (const row of registry.offeredTopics.all(worker)) {
    const topic = text(row, "topic");
    registry.serve.run({ topic, now });
    registry.renew.run({ topic, worker });
    if (registry.forget.run({ topic }).changes !== 0) registry.raiseVersion.run();
  }
}

/** What is registered, unless it still is that of `knownVersion`. To be called in one transaction. */
export function readRegistry(statements: RegistryStatements, knownVersion: number | undefined): Registry | undefined {
  const version = number(statements.version.get() ?? {}, "value");
  if (version === knownVersion) return undefined;
  const functions = readFunctions(statements);
  const topics = new Map<string, RegisteredTopic>();
  for (const row of statements.topics.all()) {
    const topic = text(row, "topic");
    topics.set(topic, {
      topic,
      priority: number(row, "priority"),
      maxConcurrency: number(row, "max_concurrency"),
      maxQueueLen: number(row, "max_queue_len"),
      maxRestarts: number(row, "max_restarts"),
      functions: functions.get(topic) ?? new Map(),
    });
  }
  return { version, topics };
}

function readFunctions(statements: RegistryStatements): Map<string, Map<string, FunctionPolicy>> {
  const byTopic = new Map<string, Map<string, FunctionPolicy>>();
  for (const row of statements.functions.all()) {
    const topic = text(row, "topic");
    let ofTopic = byTopic.get(topic);
    if (ofTopic === undefined) byTopic.set(topic, (ofTopic = new Map<string, FunctionPolicy>()));
    ofTopic.set(text(row, "function"), readPolicy(text(row, "policy")));
  }
  return byTopic;
}
