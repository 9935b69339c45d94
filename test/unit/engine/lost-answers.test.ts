import { expect, it } from "vitest";
import { currentTask } from "../../../src/tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";
import { withLostAnswers } from "../../support/lost-answers.ts";

/** Of a function that no worker here knows. */
const WAITING = {
  id: "0198b1f0-0000-7000-8000-000000000000",
  topic: "default",
  function: "elsewhere",
  args: "[]",
  priority: 10,
  options: {},
  maxQueueLen: 10,
};

const LOST = { code: "DATABASE_UNAVAILABLE" };

it.each([
  ["waits for its restart", 10_000],
  ["is to be restarted at once", 0],
])("starts a task that %s by a turn whose answer was lost", async (_, maxBackoffMs) => {
  let lost = false;
  const held = gate();
  const failOnce = async (): Promise<void> => {
    await held.passed;
    if (currentTask().attempt === 1) throw new Error("no luck");
  };
  const queues = { default: { maxBackoffMs } };
  const storage = await withLostAnswers(() => lost);
  const { engine, broker, clock } = await openInPlace({ failOnce }, { storage, queues });
  await engine.start();
  const id = await broker.enqueue("default", "failOnce", []);
  await clock.settle();
  lost = true;
  held.pass();
  await clock.settle();
  lost = false;
  await clock.advance(5_000);
  expect(await broker.get(id)).toMatchObject({ status: "finished", attempt: 2 });
});

it("starts a task that was put into its line by a turn whose answer was lost, once a slot is free", async () => {
  let lost = false;
  const held = gate();
  const storage = await withLostAnswers(() => lost);
  const tasks = { hold: () => held.passed, run: () => 1 };
  const { engine, broker, clock } = await openInPlace(tasks, { storage, queues: { default: { maxConcurrency: 1 } } });
  await engine.start();
  await broker.enqueue("default", "hold", []);
  await clock.settle();
  lost = true;
  await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject(LOST);
  lost = false;
  await clock.advance(300);
  held.pass();
  await clock.advance(300);
  expect(await broker.queues()).toMatchObject([{ queued: 0, finished: 2 }]);
});

it("stops a task whose abort was written down by a turn whose answer was lost", async () => {
  let lost = false;
  const hang = (): Promise<void> => gate().passed;
  const { engine, broker, clock } = await openInPlace({ hang }, { storage: await withLostAnswers(() => lost) });
  await engine.start();
  const id = await broker.enqueue("default", "hang", []);
  await clock.settle();
  lost = true;
  await expect(broker.abort(id)).rejects.toMatchObject(LOST);
  lost = false;
  await clock.advance(2_000);
  expect(await broker.status(id)).toBe("aborted");
});

it.each(["with", "without"])("tells who waits, %s a worker, of an end by a turn whose answer was lost", async (how) => {
  let lost = false;
  const storage = await withLostAnswers(() => lost);
  const { engine, broker, clock } = await openInPlace({ run: () => 1 }, { storage });
  if (how === "with") await engine.start();
  await storage.turn([{ kind: "enqueue", ...WAITING }], { now: clock.now() });
  const told = expect(broker.result(WAITING.id)).rejects.toMatchObject({ code: "TASK_ABORTED" });
  await clock.settle();
  lost = true;
  await expect(broker.abort(WAITING.id)).rejects.toMatchObject(LOST);
  lost = false;
  await clock.advance(300);
  await told;
});
