import { expect } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { readTasks } from "../../src/tasks/read-tasks.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import type { TaskHandlers } from "../../src/tasks.ts";
import { type InPlace, openInPlace } from "../support/engine-in-place.ts";
import { passDays } from "../support/long-time.ts";
import { unwatched } from "../support/shared-storage.ts";
import { testFault } from "../support/fault.ts";
import { newFile, openSqlite } from "../unit/storage/open-sqlite.ts";

const NO_NAMES = ["", "\0", "a\0b", "\uD800", "report \uDC00", "x".repeat(201)];

testFault(
  {
    area: "tasks",
    fault: "a name that no storage keeps as it is",
    injected: "a lone surrogate, U+0000, no character and 201 of them, as topic and as function, offered and enqueued",
    holds: "refused with a sentence wherever it comes in, nothing is stored; 200 characters are taken, and run",
  },
  async () => {
    const storage = await SqliteStorage.open({ file: newFile(), durability: "process-crash", clock: systemClock });
    const longest = "🐈".repeat(100);
    const queues = { default: {}, [longest]: {} };
    const { engine, broker, clock } = await openInPlace<TaskHandlers>({ [longest]: () => 1 }, { storage, queues });
    await engine.start();
    for (const name of NO_NAMES) {
      expect(() => readTasks({ [name]: () => 1 })).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
      const topic = { code: "TOPIC_NOT_FOUND", message: expect.stringContaining("A topic is a string of 1 to 200") };
      await expect(broker.enqueue(name, longest, [])).rejects.toMatchObject(topic);
      await expect(broker.enqueueMany(name, [[longest, []]])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
      const unknown = {
        code: "FUNCTION_NOT_FOUND",
        message: expect.stringContaining("of a function is a string of 1"),
      };
      await expect(broker.enqueue("default", name, [])).rejects.toMatchObject(unknown);
      await expect(broker.enqueueMany("default", [[name, []]])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
      await expect(broker.dlq.list({ topic: name })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
    const counts = await broker.queues();
    expect(counts.map(({ queued, running, finished }) => queued + running + finished)).toEqual([0, 0]);
    const id = await broker.enqueue(longest, longest, []);
    await clock.settle();
    expect(await broker.status(id)).toBe("finished");
  },
);

testFault(
  {
    area: "tasks",
    fault: "a function that is renamed while tasks wait for it",
    injected: "its worker stops for good; after 8 days off, one that knows the new name alone runs for 8 days",
    holds:
      "a warning at its start and each minute, queues() counts the tasks; the old name is known after the 8 days off, and " +
      "refused after the other 8; a worker that offers it again runs what waits",
  },
  async () => {
    const dayMs = 86_400_000;
    const storage = unwatched(await openSqlite(newFile()));
    const web = await openInPlace<TaskHandlers>({}, { storage, queues: {} });
    const { clock, broker } = web;
    const start = async (instance: string, tasks: TaskHandlers): Promise<InPlace<TaskHandlers>> => {
      const settings = { instance, leaseMs: 30 * dayMs };
      const worker = await openInPlace<TaskHandlers>(tasks, { storage, clock, settings });
      await worker.engine.start();
      return worker;
    };
    const old = await start("old", { "send mail": () => 1 });
    await old.engine.stop();
    await broker.enqueue("default", "send mail", []);
    await passDays(clock, 8 * dayMs);
    const renamed = await start("renamed", { "send mails": () => 1 });
    await broker.enqueue("default", "send mail", []);
    expect(await broker.queues()).toMatchObject([{ queued: 2, unclaimable: 2 }]);
    const warned = () => renamed.events.filter((event) => event.name === "warning");
    expect(warned()).toMatchObject([
      { code: "TASKS_UNCLAIMABLE", message: expect.stringContaining('"send mail" (1)') },
    ]);
    await clock.advance(60_000);
    expect(warned()).toHaveLength(2);
    await passDays(clock, 8 * dayMs);
    await broker.enqueue("default", "send mails", []);
    await clock.settle();
    await expect(broker.enqueue("default", "send mail", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
    await start("again", { "send mail": () => 1 });
    await clock.settle();
    expect(await broker.queues()).toMatchObject([{ queued: 1, finished: 2, unclaimable: 0 }]);
  },
  60_000,
);
