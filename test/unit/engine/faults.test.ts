import { expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory-storage.ts";
import { type Storage, StorageBusy } from "../../../src/storage/port.ts";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

/** A memory storage whose turns reject with whatever `fault` answers. */
async function withFault(fault: () => Error | undefined): Promise<Storage> {
  const storage = await MemoryStorage.open();
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
  const storage = await MemoryStorage.open();
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
