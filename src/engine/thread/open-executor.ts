import { assertNever, Stage3Error } from "../../core/errors.ts";
import type { Clock } from "../../core/clock.ts";
import type { Emit } from "../../core/events.ts";
import type { QueueSettings } from "../../core/options/settings.ts";
import { ByIsolation, type Place } from "../../executor/by-isolation.ts";
import { heapFlagOf, optionsLeftOut } from "../../executor/child-flags.ts";
import type { Pool } from "../../executor/pool.ts";
import type { ShareOptions } from "../../executor/pool-share.ts";
import type { Executor, TellUnavailable } from "../../executor/port.ts";
import { ProcessPool, type ProcessPoolOptions } from "../../executor/process-pool.ts";
import { SharedPools } from "../../executor/shared-pools.ts";
import { ThreadPool } from "../../executor/thread-pool.ts";
import type { ChildTable } from "./child-table.ts";
import type { InlineProxies } from "./inline-proxy.ts";

export interface ExecutorParts {
  readonly clock: Clock;
  readonly children: ChildTable;
  readonly inline: InlineProxies;
  readonly emit: Emit;
  /** The application's flags, of which children get those that are safe to pass on. */
  readonly execArgv: readonly string[];
  /** That module of this instance's own tasks which the application was itself started to run, as a child or thread. */
  readonly servedModule: string | undefined;
}

/**
 * How the Engine's thread opens executors: children and the threads of tasks are its own, inline handlers run in the
 * application's thread. When the Engine's thread dies, Node ends its threads with it. Queues of one tasks module share
 * what runs it.
 */
export function openExecutor(parts: ExecutorParts): (queue: QueueSettings, tell: TellUnavailable) => Executor {
  const pools = new SharedPools();
  let isChecked = false;
  const checkOptions = (): void => {
    if (!isChecked) warnOfOptions(parts.emit);
    isChecked = true;
  };
  return (queue, tellAll) => {
    const open = (place: Place, tell: TellUnavailable): Executor => {
      if (place.isolation !== "inline") {
        if (parts.servedModule !== undefined) throw withoutEnd(parts.servedModule);
        checkOptions();
      }
      switch (place.isolation) {
        case "inline":
          return parts.inline.open(queue.topic);
        case "process":
          return openProcesses(queue, { ...parts, pools, tell });
        case "thread":
          return openThreads(queue, place.maxMemoryBytes, { ...parts, pools, tell });
        default:
          return assertNever(place.isolation);
      }
    };
    return new ByIsolation(queue, { open, tell: tellAll });
  };
}

/** The children would import the same modules, and each would start children in its turn. */
function withoutEnd(url: string): Stage3Error {
  return new Stage3Error(
    "INVALID_OPTION",
    `An instance in a child or thread that runs the tasks of ${url} cannot start children or threads for them: ` +
      "each of those would do the same, without end. Call start() in a module that the tasks module does not import. " +
      "A task that enqueues opens an instance without starting it.",
  );
}

function warnOfOptions(emit: Emit): void {
  const leftOut = optionsLeftOut(process.env);
  if (leftOut.length === 0) return;
  const message =
    `Children and threads of tasks do not get ${leftOut.join(" ")} from NODE_OPTIONS: ` +
    "each of them would take the same port, or run something else. The other options arrive.";
  emit({ name: "warning", code: "NODE_OPTIONS_LEFT_OUT", message });
}

interface PoolParts extends ExecutorParts {
  readonly pools: SharedPools;
  readonly tell: TellUnavailable;
}

function openProcesses(queue: QueueSettings, parts: PoolParts): Executor {
  const { children, pools } = parts;
  const options = poolOptions(queue, parts);
  const open = (): Pool =>
    new ProcessPool({
      ...options,
      startChild: (start) => children.start(start),
      onChildGone: (pid) => children.remove(pid),
    });
  return pools.share(`process ${options.tasksUrl}`, open, shareOptions(queue, parts));
}

function openThreads(queue: QueueSettings, maxMemoryBytes: number | undefined, parts: PoolParts): Executor {
  const flag = heapFlagOf(parts.execArgv, process.env);
  if (maxMemoryBytes !== undefined && flag !== undefined) {
    throw new Stage3Error(
      "INVALID_OPTION",
      `Queue "${queue.topic}": maxMemory has no effect on threads of a process that was started with ${flag}. ` +
        'Leave one of the two out, or set isolation to "process".',
    );
  }
  const options = poolOptions(queue, parts);
  const open = (): Pool => new ThreadPool({ ...options, maxMemoryBytes });
  return parts.pools.share(`thread ${maxMemoryBytes} ${options.tasksUrl}`, open, shareOptions(queue, parts));
}

function poolOptions(
  queue: QueueSettings,
  { clock, execArgv, emit }: PoolParts,
): Pick<ProcessPoolOptions, "tasksUrl" | "clock" | "execArgv" | "warn"> {
  if (queue.tasks?.kind !== "module") {
    throw new Stage3Error(
      "INVALID_OPTION",
      `Queue "${queue.topic}" needs a tasks module to run in processes or threads.`,
    );
  }
  return {
    tasksUrl: queue.tasks.url,
    clock,
    execArgv,
    warn: (code, message) => emit({ name: "warning", code, message }),
  };
}

function shareOptions({ topic, maxConcurrency }: QueueSettings, { tell }: PoolParts): ShareOptions {
  return { topic, maxSize: maxConcurrency, tell };
}
