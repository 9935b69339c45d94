import { expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { type Storage, StorageBusy } from "../../../src/storage/port.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";
import { withLostAnswers } from "../../support/lost-answers.ts";
import { shared } from "../../support/shared-storage.ts";

/** A memory storage whose turns reject with whatever `fault` answers. */
async function withFault(fault: () => Error | undefined): Promise<Storage> {
  const storage = await openInMemory();
  const turn = storage.turn.bind(storage);
  storage.turn = (operations, time) => {
    const error = fault();
    return error === undefined ? turn(operations, time) : Promise.reject(error);
  };
  return storage;
}

it("answers calls after five seconds of a locked database, warns once, and is ready again afterwards", async () => {
  let locked = false;
  const storage = await withFault(() => (locked ? new StorageBusy("locked") : undefined));
  const { engine, broker, clock, events } = await openInPlace({ run: () => 1 }, { storage });
  await engine.start();
  locked = true;
  const calls = Promise.allSettled([1, 2, 3].map(() => broker.enqueue("default", "run", [])));
  await clock.advance(5_100);
  for (const call of await calls) expect(call).toMatchObject({ reason: { code: "DATABASE_UNAVAILABLE" } });
  expect(events.filter(({ name }) => name === "warning")).toMatchObject([{ code: "DATABASE_UNAVAILABLE" }]);
  expect(await engine.isReady()).toBe(false);
  locked = false;
  await clock.advance(10);
  expect(await engine.isReady()).toBe(true);
});

it("keeps the outcome of a running task until the database takes it", async () => {
  let fault: Error | undefined;
  const storage = await withFault(() => fault);
  const held = gate();
  const { engine, broker, clock } = await openInPlace({ hold: () => held.passed }, { storage });
  await engine.start();
  const id = await broker.enqueue("default", "hold", []);
  await clock.settle();
  fault = new Stage3Error("DATABASE_FULL", "There is no room left.");
  held.pass();
  await clock.advance(60_000);
  const refused = expect(broker.enqueue("default", "hold", [])).rejects.toMatchObject({ code: "DATABASE_FULL" });
  await clock.advance(300);
  await refused;
  expect(await broker.status(id)).toBe("running");
  fault = undefined;
  await clock.advance(300);
  expect(await broker.status(id)).toBe("finished");
});

it("answers a call after five seconds though more outcomes than one turn takes wait for the database", async () => {
  let fault: Error | undefined;
  const storage = await withFault(() => fault);
  const held = gate();
  const { engine, broker, clock } = await openInPlace(
    { hold: () => held.passed },
    { storage, queues: { default: { maxConcurrency: 1_100 } } },
  );
  await engine.start();
  const ids = await broker.enqueueMany(
    "default",
    Array.from({ length: 1_100 }, () => ["hold", []] as const),
  );
  await clock.settle();
  fault = new Stage3Error("DATABASE_FULL", "There is no room left.");
  held.pass();
  await clock.settle();
  const refused = expect(broker.enqueue("default", "hold", [])).rejects.toMatchObject({ code: "DATABASE_FULL" });
  await clock.advance(5_500);
  await refused;
  fault = undefined;
  await clock.advance(300);
  expect(await Promise.all(ids.map((id) => broker.status(id)))).toEqual(ids.map(() => "finished"));
});

it("starts a task again though the database did not tell when it is due", async () => {
  const storage = await openInMemory();
  const nextDueAt = storage.nextDueAt.bind(storage);
  let locked = false;
  storage.nextDueAt = () => {
    const isLocked = locked;
    locked = false;
    return isLocked ? Promise.reject(new StorageBusy("locked")) : nextDueAt();
  };
  const failOnce = (): void => {
    locked = currentTask().attempt === 1;
    if (locked) throw new Error("no luck");
  };
  const { engine, broker, clock } = await openInPlace({ failOnce }, { storage });
  await engine.start();
  const id = await broker.enqueue("default", "failOnce", []);
  await clock.advance(3_000);
  expect(await broker.get(id)).toMatchObject({ status: "finished", attempt: 2 });
});

it("gives back what it was given by a turn whose answer was lost, the attempt not counted", async () => {
  let lost = false;
  const storage = await withLostAnswers(() => lost);
  const held = gate();
  const tasks = { hold: () => held.passed, run: () => 1 };
  const { engine, broker, clock } = await openInPlace(tasks, { storage });
  await engine.start();
  const holding = await broker.enqueue("default", "hold", []);
  await clock.settle();
  lost = true;
  // Stored as already claimed, though neither its caller nor the worker will know.
  await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  expect(await broker.queues()).toMatchObject([{ running: 2 }]);
  lost = false;
  await clock.advance(300);
  expect(await broker.queues()).toMatchObject([{ running: 1, finished: 1 }]);
  expect(await broker.get(holding)).toMatchObject({ status: "running", attempt: 1 });
  held.pass();
  await clock.settle();
  expect(await broker.queues()).toMatchObject([{ running: 0, finished: 2 }]);
});

it("leaves nothing behind in its name when it stops, even if answers were lost until then", async () => {
  let lost = false;
  const storage = await withLostAnswers(() => lost);
  const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage: shared(storage) });
  await engine.start();
  lost = true;
  await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  expect(await storage.topicCounts()).toMatchObject([{ counts: { running: 1 } }]);
  const stopped = engine.stop();
  await clock.advance(6_000);
  await stopped;
  expect(await storage.topicCounts()).toMatchObject([{ counts: { running: 0, ready: 1 } }]);
  expect(await storage.workers()).toEqual([]);
});

/** A memory storage that refuses every turn which would write while `full` answers true, as a full disk does. */
async function withFullDisk(full: () => boolean): Promise<Storage> {
  const storage = await openInMemory();
  const turn = storage.turn.bind(storage);
  storage.turn = (operations, time) => {
    const writes = operations.some(({ kind }) => kind !== "claim");
    if (writes && full()) return Promise.reject(new Stage3Error("DATABASE_FULL", "There is no room left."));
    return turn(operations, time);
  };
  return storage;
}

it("is not ready while only turns that write nothing succeed, and says so once", async () => {
  let full = false;
  const { engine, broker, clock, events } = await openInPlace(
    { run: () => 1 },
    { storage: await withFullDisk(() => full) },
  );
  await engine.start();
  full = true;
  for (let round = 0; round < 3; round += 1) {
    const refused = expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "DATABASE_FULL" });
    await clock.advance(1_000);
    await refused;
    expect(await engine.isReady()).toBe(false);
  }
  expect(events.filter(({ name }) => name === "warning")).toHaveLength(1);
  full = false;
  await clock.advance(300);
  expect(await engine.isReady()).toBe(true);
});

it("does not warn again because a probe fitted where nothing else does", async () => {
  let full = false;
  const storage = await withFault(() => undefined);
  const turn = storage.turn.bind(storage);
  storage.turn = (operations, time) => {
    const large = operations.some(({ kind }) => kind === "enqueue");
    return large && full ? Promise.reject(new Stage3Error("DATABASE_FULL", "No room.")) : turn(operations, time);
  };
  const { broker, clock, events } = await openInPlace({ run: () => 1 }, { storage });
  full = true;
  for (let round = 0; round < 3; round += 1) {
    await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "DATABASE_FULL" });
    await clock.advance(300);
  }
  expect(events.filter(({ name }) => name === "warning")).toHaveLength(1);
});

it("reads again where the database is locked, and gives up after five seconds", async () => {
  const storage = await openInMemory();
  const state = storage.state.bind(storage);
  let locked = true;
  storage.state = (id) => (locked ? Promise.reject(new StorageBusy("locked")) : state(id));
  const { broker, clock } = await openInPlace({ run: () => 1 }, { storage });
  const id = await broker.enqueue("default", "run", []);
  const inTime = broker.status(id);
  await clock.advance(4_900);
  locked = false;
  await clock.advance(10);
  expect(await inTime).toBe("queued");
  locked = true;
  const tooLate = expect(broker.status(id)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  await clock.advance(5_100);
  await tooLate;
});

it("ends a wait for a locked database when it stops", async () => {
  const storage = await openInMemory();
  storage.state = () => Promise.reject(new StorageBusy("locked"));
  const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
  const reading = expect(broker.status("0198b1f0-0000-7000-8000-000000000000")).rejects.toMatchObject({
    code: "STOPPED",
  });
  await clock.advance(100);
  await engine.stop();
  await reading;
});
