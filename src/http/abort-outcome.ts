import { assertNever } from "../core/errors.ts";
import type { TaskStatus } from "../core/task.ts";

/** What an abort asks of a broker. */
export interface AbortingBroker {
  abort(id: string): Promise<boolean>;
  status(id: string): Promise<TaskStatus | undefined>;
}

/** The outcome of an abort; for a task that had ended, the sentence that says how. */
export type AbortOutcome =
  | { readonly kind: "aborted" }
  | { readonly kind: "notFound" }
  | { readonly kind: "ended"; readonly message: string };

/** Aborts a task. Every caller who asks before it has ended is told that it was aborted, however many there are. */
export async function abortOutcome(broker: AbortingBroker, id: string): Promise<AbortOutcome> {
  if (await broker.abort(id)) return { kind: "aborted" };
  const status = await broker.status(id);
  switch (status) {
    case undefined:
      return { kind: "notFound" };
    case "finished":
      return { kind: "ended", message: "Task is already finished" };
    case "in_dead_letter_queue":
      return { kind: "ended", message: "Task is already in the dead-letter queue" };
    case "aborted":
      return { kind: "ended", message: "Task is already aborted" };
    case "queued":
    case "running":
      return abortOutcome(broker, id); // requeued by hand after it had ended
    default:
      return assertNever(status);
  }
}
