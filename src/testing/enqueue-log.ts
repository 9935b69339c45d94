import { unpackArguments } from "../core/json/packed-arguments.ts";
import { type ParsedTaskOptions, writeTaskOptions } from "../core/options/task-options.ts";
import type { TaskOptions } from "../core/options/types.ts";
import type { NewTask } from "../storage/port.ts";

/** A task as it was enqueued, whatever has become of it since; `broker.get(id)` tells that. */
export interface EnqueuedTask {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  /** As JSON, or for a queue in memory `v8.serialize`, has carried them. */
  readonly args: readonly unknown[];
  /** The one it has: given at enqueue, or the function's, or the queue's. */
  readonly priority: number;
  /** What else the enqueue itself named, durations in milliseconds. */
  readonly options: Omit<TaskOptions, "priority">;
  readonly enqueuedAt: Date;
}

/** Which tasks. */
export interface EnqueuedFilter {
  readonly topic?: string | undefined;
  readonly function?: string | undefined;
}

/** Every task that was ever enqueued, in the order in which they were. */
export class EnqueueLog {
  readonly #tasks: Map<string, EnqueuedTask> = new Map();

  add(task: NewTask, now: number): void {
    if (this.#tasks.has(task.id)) return;
    this.#tasks.set(task.id, {
      id: task.id,
      topic: task.topic,
      function: task.function,
      args: unpackArguments(task.args),
      priority: task.priority,
      options: writeTaskOptions({ ...keyOf(task), ...timesOf(task, now), options: task.options }),
      enqueuedAt: new Date(now),
    });
  }

  list({ topic, function: functionName }: EnqueuedFilter = {}): readonly EnqueuedTask[] {
    return [...this.#tasks.values()].filter(
      (task) =>
        (topic === undefined || task.topic === topic) && (functionName === undefined || task.function === functionName),
    );
  }
}

/** The times that a task has, relative to its enqueue, too: a test may expect either. */
function timesOf({ runAt, expiresAt }: NewTask, now: number): Omit<ParsedTaskOptions, "options"> {
  return {
    ...(expiresAt === undefined ? {} : { expiresMs: expiresAt - Math.max(runAt ?? now, now) }),
    ...(runAt === undefined ? {} : { delayMs: Math.max(runAt - now, 0), runAt }),
  };
}

function keyOf({ idempotency }: NewTask): { readonly idempotencyKey?: string } {
  return idempotency === undefined ? {} : { idempotencyKey: idempotency.key };
}
