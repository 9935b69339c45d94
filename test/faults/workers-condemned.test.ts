import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { Stage3Queue } from "../../src/index.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { currentTask } from "../../src/tasks.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FAILURE = { code: "WORKER_DIED", message: "gone" } as const;

testFault(
  {
    area: "races",
    fault: "a worker that wakes between two turns of its rescue",
    injected: "one turn of a rescue takes one of its three running tasks; whoever began the rescue goes no further",
    holds: "it stops all three and goes on under another id; the rest is rescued, and each task runs once more",
  },
  async () => {
    const file = join(temporaryFolder(), "queue.db");
    const runs: string[] = [];
    const stopped: string[] = [];
    const hold = async (label: string): Promise<void> => {
      const { attempt, signal } = currentTask();
      runs.push(`${label} ${attempt}`);
      if (attempt > 1) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      stopped.push(label);
      throw new Error("stopped");
    };
    const stage3 = await Stage3Queue.open({ database: `sqlite:${file}`, tasks: { hold }, lease: 900 });
    onTestFinished(() => stage3.stop());
    const warnings: string[] = [];
    stage3.events.on("warning", ({ code }) => warnings.push(code));
    await stage3.start();
    const labels = ["a", "b", "c"];
    const ids = await stage3.broker.enqueueMany(
      "default",
      labels.map((label) => ["hold", [label]] as const),
    );
    await until("three that run", () => runs.length === 3);

    const other = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
    onTestFinished(() => other.close());
    const { id: worker, heartbeat } = (await other.workers())[0] ?? { id: "", heartbeat: 0 };
    const time = { now: Date.now() };
    const rescue = { kind: "rescue", worker, heartbeat, failure: FAILURE, limit: 1 } as const;
    expect((await other.turn([rescue], time)).outcomes).toEqual([{ ok: true, value: { rescued: 1, done: false } }]);

    await Promise.all(ids.map((id) => stage3.broker.result(id)));
    expect(warnings).toEqual(["LEASE_LOST"]);
    expect(stopped.toSorted()).toEqual(labels);
    expect(runs.toSorted()).toEqual(labels.flatMap((label) => [`${label} 1`, `${label} 2`]));
    expect((await other.workers()).map(({ id }) => id)).not.toContain(worker);
  },
);
