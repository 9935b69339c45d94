import { describe, expect, it } from "vitest";
import type { Stage3Event } from "../../../src/core/events.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { KNOWN_FOR_MS } from "../../../src/storage/known-for.ts";
import type { TaskHandlers } from "../../../src/tasks.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import type { Storage } from "../../../src/storage/port.ts";
import { type InPlace, openInPlace } from "../../support/engine-in-place.ts";
import { passDays } from "../../support/long-time.ts";
import { unwatched } from "../../support/shared-storage.ts";
import { newFile, openSqlite } from "../storage/open-sqlite.ts";

const DAY_MS = 86_400_000;
const OLD = { "send mail": () => 1, other: () => 2 };
const RENAMED = { "send mails": () => 1, other: () => 2 };
const WORDS =
  'Topic "default": 2 tasks wait for functions that no running worker knows: "send mail" (2). ' +
  "Start a worker that has them, under these names, or abort the tasks.";

const STORAGES: readonly { readonly name: string; readonly open: () => Promise<Storage> }[] = [
  { name: "memory", open: openInMemory },
  { name: "SQLite", open: () => openSqlite(newFile()) },
];

function warnings(events: readonly Stage3Event[]): string[] {
  return events.flatMap((event) =>
    event.name === "warning" && event.code === "TASKS_UNCLAIMABLE" ? [event.message] : [],
  );
}

describe.each(STORAGES)("a renamed function, in $name", ({ open }) => {
  /** Tasks were enqueued, and the worker that knew them has stopped for good. */
  async function withLeftovers(): Promise<{
    start: (tasks: TaskHandlers) => Promise<InPlace<TaskHandlers>>;
    producer: InPlace<TaskHandlers>;
    clock: VirtualClock;
  }> {
    const storage = unwatched(await open());
    const clock = new VirtualClock();
    let starts = 0;
    const start = async (tasks: TaskHandlers): Promise<InPlace<TaskHandlers>> => {
      starts += 1;
      const settings = { instance: `worker-${starts}`, leaseMs: 30 * DAY_MS };
      const worker = await openInPlace<TaskHandlers>(tasks, { storage, clock, settings });
      await worker.engine.start();
      return worker;
    };
    const old = await start(OLD);
    const stopping = old.engine.stop();
    await clock.advance(2_000);
    await stopping;
    const producer = await openInPlace<TaskHandlers>({}, { storage, clock, queues: {} });
    await producer.broker.enqueue("default", "send mail", []);
    await producer.broker.enqueue("default", "send mail", []);
    return { start, producer, clock };
  }

  it("is warned of at the start and once a minute, for as long as its tasks wait", async () => {
    const { start, producer, clock } = await withLeftovers();
    const worker = await start(RENAMED);
    expect(warnings(worker.events)).toEqual([WORDS]);
    expect(await producer.broker.queues()).toMatchObject([{ topic: "default", queued: 2, unclaimable: 2 }]);
    await clock.advance(120_000);
    expect(warnings(worker.events)).toEqual([WORDS, WORDS, WORDS]);
    expect(warnings((await start(OLD)).events)).toEqual([]);
    await clock.advance(120_000);
    expect(warnings(worker.events)).toHaveLength(3);
    expect(await producer.broker.queues()).toMatchObject([{ topic: "default", finished: 2, unclaimable: 0 }]);
  });

  it("is no longer known once workers of its topic have run for a week without it", async () => {
    const { start, producer, clock } = await withLeftovers();
    await passDays(clock, 8 * DAY_MS); // the system is off
    await start(RENAMED);
    await producer.broker.enqueue("default", "send mail", []);
    await passDays(clock, KNOWN_FOR_MS - 2 * 3_600_000);
    await producer.broker.enqueue("default", "send mail", []);
    await passDays(clock, 3 * 3_600_000);
    // The first call after a long time may still be judged by what was known.
    await producer.broker.enqueue("default", "other", []);
    await clock.settle();
    const code = "FUNCTION_NOT_FOUND";
    await expect(producer.broker.enqueue("default", "send mail", [])).rejects.toMatchObject({ code });
    await producer.broker.enqueue("default", "send mails", []);
    expect(await producer.broker.queues()).toMatchObject([{ topic: "default", unclaimable: 4 }]);
  }, 60_000);
});
