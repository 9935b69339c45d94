import { unpackArguments } from "../core/json/packed-arguments.ts";
import type { TaskOptions } from "../core/options/settings.ts";
import type { EnqueueOperation, NewTask } from "../storage/port.ts";

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
      options: toTaskOptions(task.options, task.idempotency?.key),
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

/** As an enqueue takes them, durations in milliseconds. */
export function toTaskOptions(
  options: EnqueueOperation["options"],
  idempotencyKey: string | undefined,
): EnqueuedTask["options"] {
  const { timeoutMs, abortGraceMs, maxRestarts, maxBackoffMs } = options;
  return {
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(abortGraceMs === undefined ? {} : { abortGrace: abortGraceMs }),
    ...(maxRestarts === undefined ? {} : { maxRestarts }),
    ...(maxBackoffMs === undefined ? {} : { maxBackoff: maxBackoffMs }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
