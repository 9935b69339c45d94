import { expect } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { readTasks } from "../../src/tasks/read-tasks.ts";
import { SqliteStorage } from "../../src/storage/sqlite/sqlite-storage.ts";
import type { TaskHandlers } from "../../src/tasks.ts";
import { openInPlace } from "../support/engine-in-place.ts";
import { testFault } from "../support/fault.ts";
import { newFile } from "../unit/storage/open-sqlite.ts";

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
      const topic = { code: "TOPIC_NOT_FOUND", message: expect.stringContaining("A topic is a text of 1 to 200") };
      await expect(broker.enqueue(name, longest, [])).rejects.toMatchObject(topic);
      await expect(broker.enqueueMany(name, [[longest, []]])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
      const unknown = { code: "FUNCTION_NOT_FOUND", message: expect.stringContaining("of a function is a text of 1") };
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
