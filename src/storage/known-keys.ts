import type { NewTask } from "./operations.ts";
import type { EnqueueResult, RepeatedTask } from "./outcomes.ts";

/** What is kept of an idempotency key: the task that it was first used for, which may be gone. */
export interface KnownKey {
  readonly id: string;
  readonly contentHash: string;
}

type FindKey = (key: string) => KnownKey | undefined;

/** How a new task is answered because its key is known; undefined: it has none, or one that is new. */
export function repeatOf(
  { idempotency }: NewTask,
  find: FindKey,
): Extract<EnqueueResult, { kind: "repeated" | "conflict" }> | undefined {
  const known = idempotency && find(idempotency.key);
  if (known === undefined) return undefined;
  return known.contentHash === idempotency?.contentHash ? { kind: "repeated", id: known.id } : { kind: "conflict" };
}

/** Several new tasks: which are to be stored, and which repeat others; or the first whose key is another's. */
export type SortedTasks =
  | {
      readonly kind: "sorted";
      readonly fresh: readonly { readonly index: number; readonly task: NewTask }[];
      readonly repeated: readonly RepeatedTask[];
    }
  | { readonly kind: "conflict"; readonly index: number };

/** Tells new tasks from those that repeat one stored before, or an earlier one of the same call. */
export function sortByKey(tasks: readonly NewTask[], find: FindKey): SortedTasks {
  const ofThisCall = new Map<string, KnownKey>();
  const fresh: { index: number; task: NewTask }[] = [];
  const repeated: RepeatedTask[] = [];
  for (const [index, task] of tasks.entries()) {
    const repeat = repeatOf(task, (key) => ofThisCall.get(key) ?? find(key));
    if (repeat?.kind === "conflict") return { kind: "conflict", index };
    if (repeat === undefined) fresh.push({ index, task });
    else repeated.push({ index, id: repeat.id });
    if (repeat === undefined && task.idempotency !== undefined) {
      ofThisCall.set(task.idempotency.key, { id: task.id, contentHash: task.idempotency.contentHash });
    }
  }
  return { kind: "sorted", fresh, repeated };
}
