import { expect, test } from "vitest";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { shared } from "../../support/shared-storage.ts";

const FAILURE = { code: "WORKER_DIED", message: "gone" } as const;

test("a worker stops what it runs where it is taken for dead while it stops, however long that may go on", async () => {
  const storage = shared(await openInMemory());
  const reasons: unknown[] = [];
  const { engine, broker, clock, events } = await openInPlace(
    {
      hold: () =>
        new Promise((_, reject) => {
          const { signal } = currentTask();
          signal.addEventListener("abort", () => {
            reasons.push((signal.reason as { reason?: unknown }).reason);
            reject(new Error("asked"));
          });
        }),
    },
    { storage, queues: { default: { shutdownGraceMs: 600_000 } } },
  );
  await engine.start();
  const id = await broker.enqueue("default", "hold", []);
  await clock.settle();
  const stopped = engine.stop();
  const [worker] = await storage.workers();
  const { id: taken, heartbeat } = worker ?? { id: "", heartbeat: 0 };
  await storage.turn([{ kind: "rescue", worker: taken, heartbeat, failure: FAILURE, limit: 10 }], { now: clock.now() });
  await clock.advance(10_001);
  await stopped;
  expect(reasons).toEqual(["lease_lost"]);
  expect(events.filter(({ name }) => name === "warning")).toMatchObject([{ code: "LEASE_LOST" }]);
  expect(await storage.get(id)).toMatchObject({ state: "ready", attempt: 1, failures: [{ code: "WORKER_DIED" }] });
  expect(clock.pendingTimers).toBe(0);
});
