import { encodeArguments } from "../core/json/arguments.ts";
import { Stage3Error } from "../core/errors.ts";
import type { WarningCode } from "../core/events.ts";
import { createIdGenerator } from "../core/ids.ts";
import { packArguments } from "../core/json/packed-arguments.ts";
import { HandlerCall } from "../executor/handler-call.ts";
import type { AbortReason } from "../executor/port.ts";
import { type ReadTask, readTasks } from "../tasks/read-tasks.ts";
import type { TaskDefinition } from "../tasks/task-definition.ts";
import type { ArgumentsOf, FunctionNames, ResultOf, TaskHandlers } from "../tasks/task-types.ts";
import { seededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What `currentTask()` answers in a handler that runs by itself, and who hears what it says. */
export interface RunHandlerOptions {
  /** Default: an id that is always the same. */
  readonly id?: string;
  /** Default: "default". */
  readonly topic?: string;
  /** Counted from 1. Default: 1. */
  readonly attempt?: number;
  /** false: arguments may be what a queue with `persistent: false` takes, such as a `Date` or a `Map`. Default: true. */
  readonly persistent?: boolean;
  /**
   * Aborts the attempt: the handler's own signal is aborted with the error that production uses. Its reason tells why:
   * "abort" (also where it is something else), "timeout", "shutdown" or "lease_lost".
   */
  readonly signal?: AbortSignal;
  /** Gets each progress value when it is told. */
  readonly onProgress?: (value: number) => void;
  /** Gets each log when it is written. */
  readonly onLog?: (log: HandlerLog) => void;
}

/** What a handler said through `currentTask().log`. */
export interface HandlerLog {
  readonly message: string;
  /** A copy, as a `log` event has it. */
  readonly fields?: unknown;
}

/** What a handler did. */
export interface HandlerRun<Result> {
  /** As the handler returned it. */
  readonly result: Result;
  readonly progress: readonly number[];
  readonly logs: readonly HandlerLog[];
  /** What production would warn of: a result that JSON does not carry, a progress value that is none. */
  readonly warnings: readonly { readonly code: WarningCode; readonly message: string }[];
}

/**
 * Runs one handler by itself, without a queue: no restart, no timeout. Its arguments are checked and copied as by an
 * enqueue, and `currentTask()` works in it. Resolves with what it did; rejects with whatever it throws, with
 * `INVALID_ARGS`, with `FUNCTION_NOT_FOUND`, or with `INVALID_OPTION` where its policy is wrong.
 *
 * Give the tasks and a function's name, or the handler itself, made by `task(policy, handler)` or not; the methods of
 * tasks find each other through `this` only in the first form.
 *
 * @example
 * const { result, progress } = await runHandler(tasks, "send emails", ["a@example.com", ["b@example.com"]]);
 */
// The first three stand in the order of an enqueue.
// oxlint-disable-next-line eslint/max-params
export function runHandler<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>>(
  tasks: Tasks,
  functionName: Name,
  args: ArgumentsOf<Tasks, Name>,
  options?: RunHandlerOptions,
): Promise<HandlerRun<ResultOf<Tasks, Name>>>;
export function runHandler<Args extends readonly unknown[], Result>(
  handler: ((...args: Args) => Result) | TaskDefinition<Args, Result>,
  args: Readonly<Args>,
  options?: RunHandlerOptions,
): Promise<HandlerRun<Awaited<Result>>>;
export async function runHandler(...given: readonly unknown[]): Promise<HandlerRun<unknown>> {
  if (typeof given[1] === "string") {
    const [tasks, name, args, options] = given as [TaskHandlers, string, unknown, RunHandlerOptions?];
    return run(tasks, { name, args, options });
  }
  const [handler, args, options] = given as [unknown, unknown, RunHandlerOptions?];
  const name = typeof handler === "function" && handler.name !== "" ? handler.name : "handler";
  return run({ [name]: handler }, { name, args, options });
}

const MAX_PAYLOAD_BYTES = 1024 * 1024;

interface Wanted {
  readonly name: string;
  readonly args: unknown;
  readonly options: RunHandlerOptions | undefined;
}

async function run(tasks: unknown, { name, args, options = {} }: Wanted): Promise<HandlerRun<unknown>> {
  const task = readTasks(tasks).get(name);
  if (task === undefined) throw new Stage3Error("FUNCTION_NOT_FOUND", `Function "${name}" is not in these tasks.`);
  const progress: number[] = [];
  const logs: HandlerLog[] = [];
  const warnings: { code: WarningCode; message: string }[] = [];
  const encode = options.persistent === false ? packArguments : encodeArguments;
  const call = new HandlerCall({
    taskId: options.id ?? createIdGenerator(new VirtualClock(), seededRandom(1))(),
    topic: options.topic ?? "default",
    function: name,
    args: encode(args, MAX_PAYLOAD_BYTES),
    attempt: options.attempt ?? 1,
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    onProgress(json) {
      const value = JSON.parse(json) as number;
      progress.push(value);
      options.onProgress?.(value);
    },
    onLog(message, fields) {
      const log = fields === undefined ? { message } : { message, fields };
      logs.push(log);
      options.onLog?.(log);
    },
    onWarning: (code, message) => void warnings.push({ code, message }),
  });
  const result = await resultOf(call, { name, task, signal: options.signal });
  return { result, progress, logs, warnings };
}

/** What the handler returns, as it is; throws what it throws, as it is. */
async function resultOf(
  call: HandlerCall,
  { name, task, signal }: { name: string; task: ReadTask; signal: AbortSignal | undefined },
): Promise<unknown> {
  let result: Promise<unknown> = Promise.resolve();
  const handler = (...args: readonly unknown[]): Promise<unknown> => {
    result = (async () => task.handler(...args))();
    return result;
  };
  const abort = (): void => call.abort(reasonOf(signal));
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await call.run(new Map([[name, { ...task, handler }]]));
    return await result;
  } finally {
    signal?.removeEventListener("abort", abort);
    call.close();
  }
}

const REASONS: ReadonlySet<unknown> = new Set<AbortReason>(["abort", "timeout", "shutdown", "lease_lost"]);

function reasonOf(signal: AbortSignal | undefined): AbortReason {
  return REASONS.has(signal?.reason) ? (signal?.reason as AbortReason) : "abort";
}
