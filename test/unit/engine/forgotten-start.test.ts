import { describe, expect, it } from "vitest";
import type { Stage3Event } from "../../../src/core/events.ts";
import { ForgottenStart } from "../../../src/engine/forgotten-start.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { shared } from "../../support/shared-storage.ts";

const WORDS = {
  name: "warning",
  code: "NO_WORKER",
  message:
    'Tasks of topic "default" have waited for 10 s, and no worker that runs takes them. Call start() on an instance that ' +
    "has tasks for this topic, here or in another process, or run: stage3queue start",
};

function warnings(events: readonly Stage3Event[]): Stage3Event[] {
  return events.filter((event) => event.name === "warning");
}

describe("a forgotten start", () => {
  it("is warned of once, when a task has been queued for 10 s and nobody takes the tasks of its topic", async () => {
    const { broker, clock, events } = await openInPlace({ run: () => 1 });
    const first = await broker.enqueue("default", "run", []);
    await clock.advance(6_000);
    await broker.enqueueMany("default", [["run", []]]);
    await broker.abort(first);
    await clock.advance(5_000);
    // The one that is left has waited for 5 s.
    expect(warnings(events)).toEqual([]);
    await clock.advance(10_000);
    expect(warnings(events)).toEqual([WORDS]);
    await broker.enqueue("default", "run", []);
    await clock.advance(60_000);
    expect(warnings(events)).toEqual([WORDS]);
  });

  it("is warned of when somebody waits for a result, and the wait goes on, since others may run the task", async () => {
    const storage = shared(await openInMemory());
    const { engine, broker, clock, events } = await openInPlace({ run: () => 1 }, { storage });
    const result = broker.result(await broker.enqueue("default", "run", []));
    await clock.advance(20_000);
    expect(warnings(events)).toEqual([WORDS]);
    await engine.start();
    await clock.settle();
    expect(await result).toBe(1);
  });

  it("lets a result reject after 10 s where the tasks are in this process's memory", async () => {
    const { broker, clock } = await openInPlace({ run: () => 1 });
    const id = await broker.enqueue("default", "run", []);
    const result = broker.result(id);
    const refusal = expect(result).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("Call start() first"),
    });
    await clock.advance(9_999);
    expect(await broker.isQueued(id)).toBe(true);
    await clock.advance(1);
    await refusal;
  });

  it("is not seen where start comes within the 10 s, or a worker elsewhere takes the tasks", async () => {
    const storage = shared(await openInMemory());
    const worker = await openInPlace(
      { run: () => new Promise(() => {}) },
      { storage, queues: { default: { maxConcurrency: 1 } } },
    );
    const { clock } = worker;
    const producer = await openInPlace({ run: () => 1 }, { storage, clock, settings: { instance: "producer" } });
    for (let task = 0; task < 3; task += 1) await producer.broker.enqueue("default", "run", []);
    const result = producer.broker.result(await producer.broker.enqueue("default", "run", []));
    result.catch(() => undefined);
    await clock.advance(9_000);
    await worker.engine.start();
    await clock.advance(60_000);
    expect(warnings([...worker.events, ...producer.events])).toEqual([]);
  });

  it("leaves no timer behind once the instance has stopped", async () => {
    const { engine, broker, clock } = await openInPlace({ run: () => 1 });
    await broker.enqueue("default", "run", []);
    await engine.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves no timer behind for what is stored while the instance stops", async () => {
    const clock = new VirtualClock();
    const storage = await openInMemory();
    const parts = { clock, storage, emit: () => undefined, isStarted: () => true, servesHere: () => false };
    const stored = (topic: string) => ({ task: `a task of ${topic}`, topic, from: undefined, to: "ready" }) as const;
    const forgotten = new ForgottenStart(parts);
    forgotten.changed([stored("a")]);
    expect(clock.pendingTimers).toBe(1);
    forgotten.stop();
    forgotten.changed([stored("b")]);
    expect(clock.pendingTimers).toBe(0);
  });
});
