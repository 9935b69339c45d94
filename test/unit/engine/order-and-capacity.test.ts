import { describe, expect, it } from "vitest";
import { openInPlace } from "../../support/engine-in-place.ts";
import { gate } from "../../support/gate.ts";

/** A queue of one slot that is held until `open`, and what ran in it. */
async function openHeld(maxQueueLen = 200, maxConcurrency = 1) {
  const open = gate();
  const ran: string[] = [];
  const inPlace = await openInPlace(
    {
      async run(name: string) {
        ran.push(name);
        await open.passed;
      },
    },
    { queues: { default: { maxConcurrency, maxQueueLen } } },
  );
  await inPlace.engine.start();
  return { ...inPlace, open, ran };
}

describe("order", () => {
  it("starts the most urgent first, and within a priority the first that came", async () => {
    const { broker, clock, open, ran } = await openHeld();
    for (const [name, priority] of [
      ["first", 10],
      ["late", 10],
      ["urgent", 1],
      ["later", 10],
      ["urgent too", 1],
    ] as const) {
      await broker.enqueue("default", "run", [name], { priority });
    }
    open.pass();
    await clock.settle();
    expect(ran).toEqual(["first", "urgent", "urgent too", "late", "later"]);
  });

  it("fills more slots than one claim takes, without waiting for anything else", async () => {
    let running = 0;
    const open = gate();
    const { engine, broker, clock } = await openInPlace(
      {
        async run() {
          running += 1;
          await open.passed;
        },
      },
      { queues: { default: { maxConcurrency: 2_500, maxQueueLen: Infinity } } },
    );
    await broker.enqueueMany(
      "default",
      Array.from({ length: 2_500 }, () => ["run", []] as const),
    );
    await engine.start();
    await clock.settle();
    expect(running).toBe(2_500);
    open.pass();
    await clock.settle();
  });

  it("is kept by calls that are sent at once", async () => {
    const { broker, clock, open, ran } = await openHeld();
    const names = Array.from({ length: 50 }, (_, index) => String(index));
    await Promise.all(names.map((name) => broker.enqueue("default", "run", [name])));
    open.pass();
    await clock.settle();
    expect(ran).toEqual(names);
  });
});

describe("capacity", () => {
  it("is the free slots and maxQueueLen for tasks that are sent at once to an idle worker", async () => {
    const { broker } = await openHeld(200, 10);
    const sent = Array.from({ length: 230 }, (_, index) => broker.enqueue("default", "run", [String(index)]));
    const answers = await Promise.allSettled(sent);
    const refused = answers.flatMap((answer, index) => (answer.status === "rejected" ? [{ ...answer, index }] : []));
    expect(refused.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, index) => 210 + index));
    expect(refused[0]?.reason).toMatchObject({
      code: "QUEUE_FULL",
      message:
        'Queue reached its max capacity of 200 elements. So many tasks of priority 10 wait in "default": ' +
        "enqueue again later, or raise the queue's maxQueueLen.",
    });
  });

  it("is counted per priority, each enqueue judged after the slots before it were filled", async () => {
    const { broker } = await openHeld(1, 1);
    const answers = await Promise.allSettled([
      broker.enqueue("default", "run", ["runs"], { priority: 10 }),
      broker.enqueue("default", "run", ["waits"], { priority: 1 }),
      broker.enqueue("default", "run", ["waits too"], { priority: 10 }),
      broker.enqueue("default", "run", ["is refused"], { priority: 10 }),
      broker.enqueue("default", "run", ["is refused too"], { priority: 1 }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
  });

  it("refuses each task that waits where maxQueueLen is 0, but none that finds a slot", async () => {
    const { broker } = await openHeld(0, 2);
    const answers = await Promise.allSettled([1, 2, 3].map((n) => broker.enqueue("default", "run", [String(n)])));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  });
});
