import { unpackArguments } from "../core/packed-arguments.ts";
import { statusOf } from "../core/transitions.ts";
import type { Task } from "../core/task.ts";
import type { TaskRecord } from "../engine/api.ts";

/** The task as applications see it, from the task as it is stored. */
export function toTask(record: TaskRecord): Task {
  return {
    id: record.id,
    topic: record.topic,
    function: record.function,
    args: unpackArguments(record.args),
    priority: record.priority,
    status: statusOf(record.state),
    attempt: record.attempt,
    maxRestarts: record.maxRestarts,
    enqueuedAt: new Date(record.enqueuedAt),
    ...(record.startedAt === undefined ? {} : { startedAt: new Date(record.startedAt) }),
    ...(record.endedAt === undefined ? {} : { endedAt: new Date(record.endedAt) }),
    ...(record.result === undefined ? {} : { result: JSON.parse(record.result) as unknown }),
    ...(record.progress === undefined ? {} : { progress: JSON.parse(record.progress) as number }),
    failures: record.failures.map((failure) => ({ ...failure, at: new Date(failure.at) })),
    failureCount: record.failureCount,
  };
}
