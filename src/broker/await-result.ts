import type { Clock } from "../core/clock.ts";
import { parseDuration } from "../core/options/durations.ts";
import { Stage3Error } from "../core/errors.ts";
import { toTaskId } from "../core/ids.ts";
import { readOptions } from "../core/options/levels.ts";
import { readSignal } from "../core/options/readers.ts";
import { showValue } from "../core/show-value.ts";
import type { EngineCalls, TaskRecord } from "../engine/api.ts";

/** For how long a result is waited for. */
export interface ResultOptions {
  /** Gives the wait up, not the task; `broker.result` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait, a duration in milliseconds, or a string such as "30s" or "5m". Default: none. */
  readonly timeout?: number | string | undefined;
}

/** What a result is waited for with. */
export interface ResultParts {
  readonly engine: EngineCalls;
  readonly clock: Clock;
}

/** Resolves with what the task's handler returned, once the task has ended. */
export async function awaitResult(parts: ResultParts, id: string, options: ResultOptions): Promise<unknown> {
  const given = readOptions(options, "result", "");
  const signal = given.read("signal", readSignal);
  const timeoutMs = given.read("timeout", parseDuration);
  signal?.throwIfAborted();
  const taskId = toTaskId(id);
  if (taskId === undefined) throw notFound(id);
  const givenUp = new AbortController();
  const giveUp = (): void => givenUp.abort(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : parts.clock.setTimer(timeoutMs, () => givenUp.abort(notEnded(taskId, timeoutMs)));
  try {
    return resultOf(taskId, await parts.engine.waitForEnd(taskId, givenUp.signal));
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}

function resultOf(id: string, task: TaskRecord | undefined): unknown {
  if (task === undefined) throw notFound(id);
  if (task.state === "finished") return task.result === undefined ? undefined : readResult(id, task.result);
  if (task.state === "aborted" && !hasExpired(task)) {
    throw new Stage3Error("TASK_ABORTED", `Task ${id} was aborted; it has no result.`);
  }
  throw lastFailure(task);
}

function readResult(id: string, json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    const message = `Task ${id} has finished, but what is stored of its result cannot be read.`;
    throw new Stage3Error("TASK_UNREADABLE", message, { cause: error });
  }
}

/** Whether it was not somebody's call that ended an aborted task. */
function hasExpired({ failures }: TaskRecord): boolean {
  return failures.at(-1)?.code === "TASK_EXPIRED";
}

/** Why a task has no result, as its last failure tells. */
function lastFailure({ id, failures }: TaskRecord): Stage3Error {
  const { code, message, stack } = failures.at(-1) ?? { code: "TASK_FAILED", message: `Task ${id} failed.` };
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new Stage3Error(code, message, { cause });
}

function notFound(id: string): Stage3Error {
  return new Stage3Error("TASK_NOT_FOUND", `There is no task ${showValue(id)}, or its retention has passed.`);
}

function notEnded(id: string, timeoutMs: number): Stage3Error {
  return new Stage3Error("RESULT_TIMEOUT", `Task ${id} has not ended within ${timeoutMs} ms; it goes on.`);
}
