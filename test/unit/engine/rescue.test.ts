import { describe, expect, it } from "vitest";
import { MemoryStorage } from "../../../src/storage/memory/memory-storage.ts";
import type { ProcessIdentity, Storage } from "../../../src/storage/port.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { shared } from "../../support/shared-storage.ts";

const ELSEWHERE: ProcessIdentity = { bootId: "other", pidNamespace: "pid", pid: 7, startTime: "7" };
const ID = "0190f3a4-0000-7000-8000-000000000001";

/** A storage in which a worker of some other machine runs one task, and beats its heart when it is told to. */
async function withStranger(attempts = 0): Promise<{ storage: Storage; beat: () => Promise<unknown> }> {
  const storage = shared(await MemoryStorage.open());
  const time = { now: Date.UTC(2026, 0, 1) };
  const functions = new Map([["run", { maxRestarts: attempts }]]);
  await storage.turn(
    [
      { kind: "registerWorker", worker: { id: "stranger", heartbeat: 0, leaseMs: 30_000, process: ELSEWHERE } },
      {
        kind: "enqueue",
        id: ID,
        topic: "default",
        function: "run",
        args: "[]",
        priority: 10,
        options: {},
        maxQueueLen: 10,
      },
      { kind: "claim", topic: "default", worker: "stranger", limit: 1, functions },
    ],
    time,
  );
  return { storage, beat: () => storage.turn([{ kind: "heartbeat", worker: "stranger" }], time) };
}

describe("rescue", () => {
  it("takes over after a whole lease without a heartbeat, and not before", async () => {
    const { storage, beat } = await withStranger(5);
    const { engine, broker, clock } = await openInPlace({ run: () => currentTask().attempt }, { storage });
    await engine.start();
    await clock.advance(25_000);
    await beat();
    await clock.advance(29_000);
    expect(await broker.status(ID)).toBe("running");
    await clock.advance(3_000);
    expect(await broker.get(ID)).toMatchObject({
      status: "finished",
      attempt: 2,
      result: 2,
      failures: [{ attempt: 1, code: "WORKER_DIED" }],
    });
    expect((await storage.workers()).map(({ id }) => id)).not.toContain("stranger");
  });

  it("judges no lease by the wall clock", async () => {
    const { storage } = await withStranger(5);
    const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
    await engine.start();
    for (const hours of [1, -2, 5]) {
      clock.jump(hours * 3_600_000);
      await clock.advance(5_000);
    }
    expect(await broker.status(ID)).toBe("running");
  });

  it("takes over at once where the process is known to be gone, and buries what has no restart left", async () => {
    const { storage } = await withStranger(0);
    const processes = { self: { ...ELSEWHERE, pid: 1 }, isGone: ({ pid }: ProcessIdentity) => pid === 7 };
    const { engine, broker } = await openInPlace({ run: () => 1 }, { storage, processes });
    await engine.start();
    expect(await broker.get(ID)).toMatchObject({ status: "in_dead_letter_queue", failures: [{ code: "WORKER_DIED" }] });
  });

  it("aborts a task whose abort was asked for, and answers who waits", async () => {
    const { storage } = await withStranger(5);
    const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
    await engine.start();
    const answer = broker.abort(ID);
    await clock.advance(31_000);
    expect(await answer).toBe(true);
    expect(await broker.status(ID)).toBe("aborted");
  });

  it("stops what runs here when others have taken this worker for dead, and goes on under a new id", async () => {
    const storage = shared(await MemoryStorage.open());
    const reasons: unknown[] = [];
    const { engine, broker, clock, events } = await openInPlace(
      {
        hold: () =>
          new Promise((_, reject) =>
            currentTask().signal.addEventListener("abort", () => {
              reasons.push((currentTask().signal.reason as { reason?: unknown }).reason);
              reject(new Error("asked"));
            }),
          ),
        run: () => "ran",
      },
      { storage },
    );
    await engine.start();
    const id = await broker.enqueue("default", "hold", [], { maxRestarts: 0 });
    await clock.settle();
    const [self] = await storage.workers();
    await storage.turn(
      [
        {
          kind: "rescue",
          worker: self?.id ?? "",
          heartbeat: self?.heartbeat ?? 0,
          failure: { code: "WORKER_DIED", message: "gone" },
          limit: 10,
        },
      ],
      { now: clock.now() },
    );
    await clock.advance(10_001);
    expect(reasons).toEqual(["lease_lost"]);
    expect(await broker.status(id)).toBe("in_dead_letter_queue");
    expect(events).toContainEqual(expect.objectContaining({ name: "warning", code: "LEASE_LOST" }));
    const next = await broker.enqueue("default", "run", []);
    await clock.settle();
    expect(await broker.status(next)).toBe("finished");
    expect((await storage.workers()).map((worker) => worker.id)).not.toContain(self?.id);
  });
});
