import { unpackArguments } from "../core/json/packed-arguments.ts";
import { statusOf } from "../core/transitions.ts";
import type { Task } from "../core/task.ts";
import type { TaskRecord } from "../engine/api.ts";

/** The task as applications see it, from the task as it is stored. Damaged parts are left out. */
export function toTask(record: TaskRecord): Task {
  const result = parse(record.result);
  const progress = parse(record.progress);
  return {
    id: record.id,
    topic: record.topic,
    function: record.function,
    args: unlessDamaged(() => unpackArguments(record.args)) ?? [],
    priority: record.priority,
    status: statusOf(record.state),
    attempt: record.attempt,
    maxRestarts: record.maxRestarts,
    enqueuedAt: new Date(record.enqueuedAt),
    ...(record.runAt === undefined ? {} : { runAt: new Date(record.runAt) }),
    ...(record.startedAt === undefined ? {} : { startedAt: new Date(record.startedAt) }),
    ...(record.endedAt === undefined ? {} : { endedAt: new Date(record.endedAt) }),
    ...(result === undefined ? {} : { result }),
    ...(typeof progress === "number" ? { progress } : {}),
    failures: record.failures.map((failure) => ({ ...failure, at: new Date(failure.at) })),
    failureCount: record.failureCount,
  };
}

function parse(json: string | undefined): unknown {
  return json === undefined ? undefined : unlessDamaged(() => JSON.parse(json) as unknown);
}

function unlessDamaged<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
