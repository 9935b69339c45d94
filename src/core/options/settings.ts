import type { OptionAt, StoredOption } from "./declarations.ts";
import type { Complete, Given } from "./read-level.ts";
import type { TasksSource } from "./instance-readers.ts";

/** What one enqueue decided, as it is stored with its task; the worker that claims it resolves the rest. */
export interface EnqueueOptions extends Given<StoredOption<"with the task's options">> {}

/** What a function decides for all of its tasks, as plain values in milliseconds and bytes. */
export interface FunctionPolicy extends Given<OptionAt<"function">> {}

/** A function that a tasks module offers. */
export interface FunctionDescription {
  readonly name: string;
  readonly policy: FunctionPolicy;
}

/** A queue's settings, complete. Durations in milliseconds; `Infinity` is allowed for `maxQueueLen`. */
export interface QueueSettings extends Complete<Exclude<OptionAt<"queue">, "tasks">> {
  readonly topic: string;
  /** None: the queue only takes what workers elsewhere have registered. */
  readonly tasks: TasksSource | undefined;
}

/** The topics whose tasks are not stored in the database. */
export function topicsKeptInMemory(queues: ReadonlyMap<string, QueueSettings>): ReadonlySet<string> {
  return new Set([...queues.values()].filter(({ persistent }) => !persistent).map(({ topic }) => topic));
}
