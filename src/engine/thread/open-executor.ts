import { assertNever } from "../../core/assert-never.ts";
import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import type { QueueSettings } from "../../core/policy.ts";
import { ByIsolation } from "../../executor/by-isolation.ts";
import type { Executor } from "../../executor/port.ts";
import { ProcessPool } from "../../executor/process-pool.ts";
import type { ChildTable } from "./child-table.ts";
import type { InlineProxies } from "./inline-proxy.ts";

export interface ExecutorParts {
  readonly clock: Clock;
  readonly children: ChildTable;
  readonly inline: InlineProxies;
  readonly emit: Emit;
  /** The application's flags, of which children get those that are safe to pass on. */
  readonly execArgv: readonly string[];
}

/** How the Engine's thread opens executors: children are its own, inline handlers run in the application's thread. */
export function openExecutor(parts: ExecutorParts): (queue: QueueSettings) => Executor {
  return (queue) =>
    new ByIsolation(queue.isolation, (isolation) => {
      switch (isolation) {
        case "inline":
          return parts.inline.open(queue.topic);
        case "process":
          return openPool(queue, parts);
        case "thread":
          throw new Stage3Error("INVALID_OPTION", 'Isolation "thread" is not offered yet; use "process" or "inline".');
        default:
          return assertNever(isolation);
      }
    });
}

function openPool(queue: QueueSettings, { clock, children, emit, execArgv }: ExecutorParts): Executor {
  if (queue.tasks?.kind !== "module") {
    throw new Stage3Error("INVALID_OPTION", `Queue "${queue.topic}" needs a tasks module to run in processes.`);
  }
  return new ProcessPool({
    tasksUrl: queue.tasks.url,
    topic: queue.topic,
    maxSize: queue.maxConcurrency,
    clock,
    execArgv,
    onChildStarted: (pid) => children.add(pid),
    onChildGone: (pid) => children.remove(pid),
    warn: (code, message) => emit({ name: "warning", code, message }),
  });
}
