import type { FunctionPolicy } from "../../core/policy.ts";
import type { RegisteredTopic, RegisterTopicOperation, Registry } from "../port.ts";
import { readPolicy, writePolicy } from "./policy-json.ts";
import { number, text } from "./row.ts";
import type { RegistryStatements } from "./statements/registry.ts";

/** Registers a topic and adds functions to it. */
export function registerTopic(statements: RegistryStatements, operation: RegisterTopicOperation): undefined {
  const { topic, priority, maxConcurrency, maxQueueLen, maxRestarts } = operation.registration;
  statements.registerTopic.run(topic, priority, maxConcurrency, maxQueueLen, maxRestarts);
  for (const [name, policy] of operation.functions) statements.registerFunction.run(topic, name, writePolicy(policy));
  statements.raiseVersion.run();
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
