import { AsyncLocalStorage } from "node:async_hooks";
import { Stage3Error } from "../core/errors.ts";

/** The running task, as its handler sees it. Each member but `aborted` may be taken out by destructuring. */
export interface CurrentTask {
  readonly id: string;
  readonly topic: string;
  readonly function: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborted when the attempt has to stop: by hand, after its timeout, or because its worker stops. */
  readonly signal: AbortSignal;
  /**
   * Whether the attempt has to stop, looked up anew each time. Unlike `signal.aborted` it becomes true even while the
   * handler computes and never returns to its event loop; then `signal` is aborted, too.
   */
  readonly aborted: boolean;
  /** Throws the reason of `signal` once `aborted` is true. It takes some nanoseconds: call it in your loops. */
  readonly throwIfAborted: () => void;
  /** Tells how far the task is, from 0 to 1. The last value is kept; anything else is dropped with a warning. */
  readonly progress: (value: number) => void;
  /** Emits a `log` event. `fields` may be whatever can be cloned. */
  readonly log: (message: string, fields?: unknown) => void;
}

/**
 * The task in whose handler this is called, also after an `await` or in a callback.
 *
 * @throws Stage3Error `NOT_IN_TASK` outside a task.
 * @example
 * const { throwIfAborted, progress } = currentTask();
 * for (const [index, address] of addresses.entries()) {
 *   throwIfAborted();
 *   await send(address);
 *   progress((index + 1) / addresses.length);
 * }
 */
export function currentTask(): CurrentTask {
  const current = runningTask();
  if (current === undefined) {
    throw new Stage3Error(
      "NOT_IN_TASK",
      "currentTask() was called outside a running task. Call it inside a handler, or in what a handler calls.",
    );
  }
  return current;
}

/** As {@link currentTask}; undefined outside a task. */
export function runningTask(): CurrentTask | undefined {
  return storage().getStore();
}

/** Calls `callback` so that `currentTask()` answers `current` in it, and in all that it starts. */
export function runInTask<Result>(current: CurrentTask, callback: () => Result): Result {
  return storage().run(current, callback);
}

const STORAGE_KEY: unique symbol = Symbol.for("stage3queue.currentTask");

/** One storage a thread, however many copies of this module are loaded: a bundled one finds the task as well. */
function storage(): AsyncLocalStorage<CurrentTask> {
  const shared = globalThis as { [STORAGE_KEY]?: AsyncLocalStorage<CurrentTask> };
  let found = shared[STORAGE_KEY];
  if (found === undefined) {
    found = new AsyncLocalStorage<CurrentTask>();
    Object.defineProperty(shared, STORAGE_KEY, { value: found });
  }
  return found;
}
