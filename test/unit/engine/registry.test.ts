import { describe, expect, it } from "vitest";
import { openInMemory } from "../../support/in-memory-storage.ts";
import type { TaskHandlers } from "../../../src/tasks.ts";
import { readTasks, type ReadTask } from "../../../src/tasks/read-tasks.ts";
import { openInPlace } from "../../support/engine-in-place.ts";
import { shared } from "../../support/shared-storage.ts";

describe("known names", () => {
  it("refuses an unknown topic and an unknown function, those of Object's prototype among them", async () => {
    const { broker } = await openInPlace<TaskHandlers>({ run: () => 1 });
    await expect(broker.enqueue("nowhere", "run", [])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
    for (const name of ["missing", "__proto__", "constructor", "toString"]) {
      await expect(broker.enqueue("default", name, [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
      await expect(broker.enqueue(name, "run", [])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
    }
  });

  it("knows what a worker has registered, with its limits", async () => {
    const storage = shared(await openInMemory());
    const worker = await openInPlace({ run: () => 1 }, { storage, queues: { work: { maxQueueLen: 1, priority: 3 } } });
    await worker.engine.start();
    await worker.engine.stop();
    const web = await openInPlace<TaskHandlers>({}, { storage, queues: {} });
    const id = await web.broker.enqueue("work", "run", []);
    expect(await web.broker.get(id)).toMatchObject({ priority: 3, maxRestarts: 5 });
    await expect(web.broker.enqueue("work", "run", [])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await expect(web.broker.enqueue("work", "walk", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
  });

  it("loads no tasks again for an unknown function, once a worker has loaded them", async () => {
    let loads = 0;
    const load = (): Promise<ReadonlyMap<string, ReadTask>> => {
      loads += 1;
      return Promise.resolve(readTasks({ run: () => 1 }));
    };
    const { engine, broker } = await openInPlace<TaskHandlers>({}, { load });
    await engine.start();
    await expect(broker.enqueue("default", "missing", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
    expect(loads).toBe(1);
  });

  it("loads a module once for all of its topics, and not at all for a name that the database knows", async () => {
    const storage = shared(await openInMemory());
    let loads = 0;
    const load = async (): Promise<ReadonlyMap<string, ReadTask>> => {
      loads += 1;
      return readTasks({ run: () => 1 });
    };
    const tasks = { kind: "module", url: "file:///tasks.ts" } as const;
    const queues = { emails: { tasks }, reports: { tasks } };
    const worker = await openInPlace<TaskHandlers>({ known: () => 1 }, { storage, queues: { emails: {} } });
    await worker.engine.start();
    const { broker } = await openInPlace<TaskHandlers>({}, { storage, queues, load });
    await broker.enqueue("emails", "known", []);
    expect(loads).toBe(0);
    await Promise.all([broker.enqueue("emails", "run", []), broker.enqueue("reports", "run", [])]);
    await broker.enqueue("reports", "run", []);
    expect(loads).toBe(1);
  });

  it("warns of tasks that cannot be loaded, and tries again a second later", async () => {
    let loads = 0;
    let isBroken = true;
    const load = async (): Promise<ReadonlyMap<string, ReadTask>> => {
      loads += 1;
      if (isBroken) throw new Error("a typing error");
      return readTasks({ run: () => 1 });
    };
    const { broker, clock, events } = await openInPlace<TaskHandlers>({}, { load });
    const message = 'The tasks of queue "default" cannot be loaded: a typing error';
    for (let call = 0; call < 3; call += 1) {
      await expect(broker.enqueue("default", "run", [])).rejects.toMatchObject({ code: "TASKS_NOT_LOADED", message });
    }
    expect(loads).toBe(1);
    expect(events).toEqual([{ name: "warning", code: "TASKS_NOT_LOADED", message }]);
    isBroken = false;
    await clock.advance(1_000);
    await broker.enqueue("default", "run", []);
    expect(loads).toBe(2);
  });
});
