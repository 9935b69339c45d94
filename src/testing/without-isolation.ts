import { readIsolation } from "../core/option-values.ts";

/**
 * The options of an instance without the isolation of its queues, which is checked and left out: here everything runs
 * inline, also what would not be allowed to, as functions with isolation "process". What is no object is left as it is
 * for others to refuse.
 */
export function withoutIsolation(options: object): object {
  if (!("queues" in options) || !isObject(options.queues)) return options;
  const queues = Object.entries(options.queues).map(([topic, queue]: [string, unknown]) => [
    topic,
    ofQueue(topic, queue),
  ]);
  return { ...options, queues: Object.fromEntries(queues) as unknown };
}

function ofQueue(topic: string, queue: unknown): unknown {
  if (!isObject(queue) || !("isolation" in queue)) return queue;
  const { isolation, ...others } = queue;
  if (isolation !== undefined) readIsolation(isolation, `queues.${topic}.isolation`);
  return others;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
