import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import { currentTask } from "../../src/tasks.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import { openInPlace } from "../support/engine-in-place.ts";
import { testFault } from "../support/fault.ts";
import { gate } from "../support/gate.ts";
import { shared } from "../support/shared-storage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const HOUR_MS = 3_600_000;

for (const { how, jumpMs, restarts } of [
  { how: "ahead", jumpMs: HOUR_MS, restarts: "a restart comes when it was due" },
  { how: "back", jumpMs: -HOUR_MS, restarts: "a restart that waits comes as much later as the clock went back" },
]) {
  testFault(
    {
      area: "sqlite",
      fault: `clock of the machine jumps an hour ${how}`,
      injected:
        "the wall clock of two workers on one file jumps (virtual clock) while tasks run, wait and stand in line",
      holds: `no lease is lost, no timeout comes early or late, the line keeps its order; ${restarts}`,
    },
    async () => {
      const file = join(temporaryFolder(), "queue.db");
      const sqlite = await SqliteStorage.open({ file, durability: "process-crash", clock: systemClock });
      onTestFinished(() => sqlite.close());
      const clock = new VirtualClock();
      const held = gate();
      const order: number[] = [];
      const tasks = {
        hold: () => held.passed,
        note: (index: number) => void order.push(index),
        never: () => new Promise<void>(() => {}),
        failOnce() {
          if (currentTask().attempt === 1) throw new Error("no luck");
        },
      };
      const queues = { default: { maxConcurrency: 3, maxRestarts: 0 }, other: { maxRestarts: 1 } };
      const parts = { clock, queues, storage: shared(sqlite) };
      const first = await openInPlace(tasks, { ...parts, settings: { instance: "first" } });
      const second = await openInPlace(tasks, {
        ...parts,
        queues: { idle: {} },
        settings: { instance: "second" },
      });
      await first.engine.start();
      await second.engine.start();
      const { broker } = first;
      const never = await broker.enqueue("default", "never", [], { timeout: "5s" });
      const holding = [await broker.enqueue("default", "hold", []), await broker.enqueue("default", "hold", [])];
      const restarted = await broker.enqueue("other", "failOnce", []);
      await broker.enqueue("default", "note", [1]);
      await clock.settle();
      expect(await broker.status(restarted)).toBe("queued");

      clock.jump(jumpMs);
      await broker.enqueue("default", "note", [2]);
      await clock.advance(4_900);
      expect(await broker.status(never)).toBe("running");
      expect(await broker.status(restarted)).toBe(jumpMs > 0 ? "finished" : "queued");
      await clock.advance(5_000);
      expect(await broker.get(never)).toMatchObject({ failures: [{ code: "TASK_TIMEOUT" }] });
      held.pass();
      await clock.settle();
      expect(order).toEqual([1, 2]);
      for (const id of holding) expect(await broker.get(id)).toMatchObject({ status: "finished", attempt: 1 });
      if (jumpMs < 0) {
        // Where the clock is put right again, that is seen within a minute.
        clock.jump(HOUR_MS);
        await clock.advance(60_000);
      }
      expect(await broker.get(restarted)).toMatchObject({ status: "finished", attempt: 2 });
      const events = [...first.events, ...second.events];
      expect(events.filter(({ name }) => name === "rescued")).toEqual([]);
      expect(events).not.toContainEqual(expect.objectContaining({ code: "LEASE_LOST" }));
    },
  );
}
