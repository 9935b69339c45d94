import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { resolveOptions } from "../../../src/core/options/resolve-options.ts";
import { ChildTable } from "../../../src/engine/thread/child-table.ts";
import { InlineProxies } from "../../../src/engine/thread/inline-proxy.ts";
import { openExecutor } from "../../../src/engine/thread/open-executor.ts";
import { AbortFlags } from "../../../src/executor/abort-flags.ts";
import type { Executor } from "../../../src/executor/port.ts";
import { invalidOption } from "../core/invalid.ts";

function open(queue: object, execArgv: readonly string[]): Executor {
  const settings = resolveOptions({ queues: { default: queue } }).queues.get("default");
  if (settings === undefined) throw new Error("There is such a queue.");
  const parts = {
    clock: systemClock,
    children: new ChildTable(),
    inline: new InlineProxies({ send: () => {}, clock: systemClock, aborts: new AbortFlags(8) }),
    emit: () => {},
    execArgv,
    servedModule: undefined,
  };
  return openExecutor(parts)(settings, () => {});
}

const tasks = new URL("data:text/javascript,export default {}");

test("a limit of threads that V8 would ignore is refused", async () => {
  const executor = open({ isolation: "thread", maxMemory: "100mb", tasks }, ["--max-old-space-size=4096"]);
  const message = "maxMemory has no effect on threads of a process that was started with --max-old-space-size=4096";
  await expect(executor.describe()).rejects.toThrow(invalidOption(message));
  await executor.stop();
});

test.each([
  [{ isolation: "thread", maxMemory: "100mb" }, []],
  [{ isolation: "thread" }, ["--max-old-space-size=4096"]],
])("%j is opened with flags %j", async (queue, execArgv) => {
  const executor = open({ ...queue, tasks }, execArgv);
  expect(await executor.describe()).toEqual([]);
  await executor.stop();
});

test.each(["process", "thread"])("without a module there is nothing to run in a %s", async (isolation) => {
  await expect(open({ isolation }, []).describe()).rejects.toThrow(invalidOption("needs a tasks module"));
});
