import { describe, expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { type Operation, type ProcessIdentity, type Storage, StorageBusy } from "../../../src/storage/port.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";
import { shared } from "../../support/shared-storage.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

const ELSEWHERE: ProcessIdentity = { bootId: "other", pidNamespace: "pid", pid: 7, startTime: "7" };
const ID = "0190f3a4-0000-7000-8000-000000000001";

/** A storage in which a worker of some other machine runs one task, and beats its heart when it is told to. */
async function withStranger(
  attempts = 0,
  leaseMs = 30_000,
): Promise<{ storage: Storage; beat: () => Promise<unknown> }> {
  const storage = shared(await openInMemory());
  const time = { now: Date.UTC(2026, 0, 1) };
  const functions = new Map([["run", { maxRestarts: attempts }]]);
  await storage.turn(
    [
      { kind: "registerWorker", worker: { id: "stranger", heartbeat: 0, leaseMs, process: ELSEWHERE } },
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

/** Another worker takes the only one for dead, and rescues its tasks. */
async function takeForDead(storage: Storage, clock: VirtualClock): Promise<string> {
  const [worker] = await storage.workers();
  const { id, heartbeat } = worker ?? { id: "", heartbeat: 0 };
  const failure = { code: "WORKER_DIED", message: "gone" } as const;
  await storage.turn([{ kind: "rescue", worker: id, heartbeat, failure, limit: 10 }], { now: clock.now() });
  return id;
}

/** A storage that counts its turns, and rejects those that `refuse` does not want. */
async function watched(
  refuse: (operation: Operation) => boolean = () => false,
): Promise<{ storage: Storage; turns: () => number }> {
  const memory = await openInMemory();
  const turn = memory.turn.bind(memory);
  let turns = 0;
  memory.turn = (operations, time) => {
    turns += 1;
    if (!operations.some(refuse)) return turn(operations, time);
    return Promise.reject(new Stage3Error("DATABASE_FULL", "There is no room left."));
  };
  return { storage: shared(memory), turns: () => turns };
}

describe("rescue", () => {
  it("takes over after the lease of the other worker, though its own is much longer", async () => {
    const { storage, beat } = await withStranger(5, 1_000);
    const { engine, broker, clock } = await openInPlace({ run: () => currentTask().attempt }, { storage });
    await engine.start();
    await clock.advance(1_000);
    await beat();
    await clock.advance(900);
    expect(await broker.status(ID)).toBe("running");
    await clock.advance(1_000);
    expect(await broker.get(ID)).toMatchObject({ status: "finished", attempt: 2, result: 2 });
  });

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

  it.each([31, 38, 45, 52])(
    "takes nobody for dead who could not write for %i s, since nobody could",
    async (lockedS) => {
      let isLocked = false;
      const memory = await openInMemory();
      const turn = memory.turn.bind(memory);
      memory.turn = (operations, time) =>
        isLocked ? Promise.reject(new StorageBusy("locked")) : turn(operations, time);
      const storage = shared(memory);
      const { passed, pass } = gate();
      const options = { storage, clock: new VirtualClock() };
      const first = await openInPlace({ run: () => passed }, options);
      await first.engine.start();
      const second = await openInPlace({ run: () => passed }, { ...options, settings: { instance: "second" } });
      await second.engine.start();
      const ids = [await first.broker.enqueue("default", "run", []), await second.broker.enqueue("default", "run", [])];
      await options.clock.advance(20_000);

      isLocked = true;
      await options.clock.advance(lockedS * 1_000);
      isLocked = false;
      await options.clock.advance(5_000);
      expect([...first.events, ...second.events]).not.toContainEqual(expect.objectContaining({ code: "LEASE_LOST" }));
      for (const id of ids) expect(await first.broker.get(id)).toMatchObject({ status: "running", attempt: 1 });
      pass();
    },
  );

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

  it("lets an abort end though the task's worker dies and no other one runs", async () => {
    const { storage } = await withStranger(5);
    const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
    const answers = [broker.abort(ID), broker.abort(ID)];
    await clock.advance(32_000);
    expect(await Promise.all(answers)).toEqual([true, true]);
    expect(await broker.status(ID)).toBe("aborted");
    expect(clock.pendingTimers).toBe(0);
    await engine.stop();
  });

  it("lets an abort end at once where the task's worker is known to be gone", async () => {
    const { storage } = await withStranger(5);
    const processes = { self: { ...ELSEWHERE, pid: 1 }, isGone: ({ pid }: ProcessIdentity) => pid === 7 };
    const { broker } = await openInPlace({ run: () => 1 }, { storage, processes });
    expect(await broker.abort(ID)).toBe(true);
  });

  it("stops though an abort waits for a worker elsewhere", async () => {
    const { storage } = await withStranger(5);
    const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
    const refused = expect(broker.abort(ID)).rejects.toMatchObject({ code: "STOPPED" });
    await clock.settle();
    await engine.stop();
    await refused;
    expect(clock.pendingTimers).toBe(0);
  });

  it("answers who waits for the end of a task it has buried, though its state could not be read at once", async () => {
    const { storage: memory } = await withStranger(0);
    let locked = false;
    const storage = new Proxy(memory, {
      get(target, property) {
        if (property === "isShared") return true;
        if (property === "state" && locked) {
          locked = false;
          return () => Promise.reject(new StorageBusy("locked"));
        }
        return Reflect.get(target, property, target) as unknown;
      },
    });
    const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
    await engine.start();
    const refused = expect(broker.result(ID)).rejects.toMatchObject({ code: "WORKER_DIED" });
    await clock.advance(25_000);
    locked = true;
    await clock.advance(6_000);
    await refused;
  });

  it("stops what runs here when others have taken this worker for dead, and goes on under a new id", async () => {
    const storage = shared(await openInMemory());
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
    const self = await takeForDead(storage, clock);
    await clock.advance(10_001);
    expect(reasons).toEqual(["lease_lost"]);
    expect(await broker.status(id)).toBe("in_dead_letter_queue");
    expect(events).toContainEqual(expect.objectContaining({ name: "warning", code: "LEASE_LOST" }));
    const next = await broker.enqueue("default", "run", []);
    await clock.settle();
    expect(await broker.status(next)).toBe("finished");
    expect((await storage.workers()).map((worker) => worker.id)).not.toContain(self);
  });

  it("notices with its next claim that it was taken for dead, and starts anew at once", async () => {
    const { storage, turns } = await watched();
    const { engine, broker, clock, events } = await openInPlace({ run: () => 1 }, { storage });
    await engine.start();
    await clock.settle();
    const timers = clock.pendingTimers;
    await takeForDead(storage, clock);
    const before = turns();
    const id = await broker.enqueue("default", "run", []);
    await clock.settle();
    expect(await broker.status(id)).toBe("finished");
    expect(turns() - before).toBeLessThan(10);
    expect(events.filter(({ name }) => name === "warning")).toMatchObject([{ code: "LEASE_LOST" }]);
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(timers);
  });

  it("says once that it was taken for dead, however long it cannot register anew, and still stops", async () => {
    let full = false;
    const { storage } = await watched(({ kind }) => full && kind === "registerWorker");
    const { engine, clock, events } = await openInPlace({ run: () => 1 }, { storage });
    await engine.start();
    await takeForDead(storage, clock);
    full = true;
    await clock.advance(15_000);
    expect(events.filter((event) => event.name === "warning" && event.code === "LEASE_LOST")).toHaveLength(1);
    full = false;
    await clock.advance(300);
    expect(await storage.workers()).toHaveLength(1);
    await takeForDead(storage, clock);
    full = true;
    await clock.advance(15_000);
    const stopped = engine.stop();
    await clock.advance(1_000);
    await stopped;
    expect(clock.pendingTimers).toBe(0);
    expect(await storage.workers()).toEqual([]);
  });
});
