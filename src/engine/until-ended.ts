import { hasEnded } from "../core/transitions.ts";
import type { TaskRecord } from "./api.ts";
import type { EndWaits } from "./end-waits.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** What the end of a task is waited for with. */
export interface UntilEndedParts {
  readonly ends: EndWaits;
  readonly get: (id: string) => Promise<TaskRecord | undefined>;
}

/** Resolves with the task once it has ended; undefined: there is none (any more). Rejects with the reason of `signal`. */
export async function untilEnded(
  { ends, get }: UntilEndedParts,
  id: string,
  signal: AbortSignal,
): Promise<TaskRecord | undefined> {
  for (;;) {
    const wait = ends.open(id);
    try {
      const task = await get(id);
      if (task === undefined || hasEnded(task.state)) return task;
      await unlessAborted(wait.ended, signal);
    } finally {
      wait.close();
    }
  }
}
