import { expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import type { Operation, Settlement, Storage, TurnTime } from "../../../src/storage/port.ts";
import { openInPlace } from "../../support/engine-in-place.ts";

/** A memory storage that refuses, by themselves, the settlements that `refuses` picks. */
async function withRefusals(refuses: (outcome: Settlement) => boolean): Promise<Storage> {
  const storage = await openInMemory();
  const turn = storage.turn.bind(storage);
  const refusal = { ok: false, error: new Stage3Error("INVALID_ARGS", "The database takes no such value.") };
  storage.turn = (async (operations: readonly Operation[], time: TurnTime) => {
    const isTaken = operations.map((operation) => operation.kind !== "settle" || !refuses(operation.outcome));
    const taken = operations.filter((_, index) => isTaken[index]);
    const { outcomes, changes } = await turn(taken, time);
    const left = outcomes.values();
    return { outcomes: isTaken.map((isIt) => (isIt ? left.next().value : refusal)), changes };
  }) as Storage["turn"];
  return storage;
}

it("finishes a task without its result where the database does not take that", async () => {
  const storage = await withRefusals((outcome) => outcome.kind === "finish" && outcome.result !== undefined);
  const { engine, broker, clock, events } = await openInPlace({ run: () => "strange" }, { storage });
  await engine.start();
  const id = await broker.enqueue("default", "run", []);
  await clock.settle();
  const task = await broker.get(id);
  expect(task).toMatchObject({ status: "finished" });
  expect(task).not.toHaveProperty("result");
  expect(events).toContainEqual(expect.objectContaining({ name: "warning", code: "RESULT_DROPPED", taskId: id }));
});

it("buries a task with a plain failure where the database does not take what was thrown", async () => {
  const storage = await withRefusals((outcome) => outcome.kind === "bury" && outcome.failure.message === "strange");
  const run = (): never => {
    throw new Error("strange");
  };
  const { engine, broker, clock } = await openInPlace({ run }, { storage, queues: { default: { maxRestarts: 0 } } });
  await engine.start();
  const id = await broker.enqueue("default", "run", []);
  await clock.settle();
  expect(await broker.get(id)).toMatchObject({
    status: "in_dead_letter_queue",
    failures: [{ code: "TASK_FAILED", message: "The database takes no such value." }],
  });
});

it("says so where the database takes no record of an attempt's end at all", async () => {
  const storage = await withRefusals(() => true);
  const { engine, broker, clock, events } = await openInPlace({ run: () => 1 }, { storage });
  await engine.start();
  const id = await broker.enqueue("default", "run", []);
  await clock.settle();
  expect(events).toContainEqual(expect.objectContaining({ code: "DATABASE_UNAVAILABLE", taskId: id }));
});
