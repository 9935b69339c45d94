import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { linesOf } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

testFault(
  {
    area: "tasks",
    fault: "a timeout shorter than the start of a process or thread",
    injected: "6 tasks at once with a timeout of 400 ms, in a module that takes 600 ms to load",
    holds: "each finishes: its timeout runs from the begin of its handler, which is when `started` is told",
  },
  async () => {
    for (const isolation of ["process", "thread"] as const) {
      const folder = temporaryFolder();
      const file = join(folder, "told");
      const stage3 = await Stage3Queue.open({
        database: `sqlite:${join(folder, "queue.db")}`,
        tasks: new URL("../fixtures/slow-to-load-tasks.ts", import.meta.url),
        queues: { default: { isolation, maxConcurrency: 6, timeout: 400, maxRestarts: 0 } },
      });
      onTestFinished(() => stage3.stop());
      const heard: string[] = [];
      stage3.events.on("started", ({ taskId }) => heard.push(taskId));
      stage3.events.on("failed", ({ code }) => heard.push(code));
      await stage3.start();
      const { broker } = stage3;
      const ids = await Promise.all(Array.from({ length: 6 }, () => broker.enqueue("default", "pause", [file, 50])));
      await Promise.all(ids.map((id) => broker.result(id)));
      expect(linesOf(file).filter((line) => line === "begun")).toHaveLength(6);
      expect(heard.toSorted()).toEqual(ids.toSorted());
    }
  },
  60_000,
);
