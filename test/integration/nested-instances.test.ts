import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import { moduleOf } from "../fixtures/module-of.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PACKAGE = new URL("../../src/index.ts", import.meta.url).href;

/** An instance whose tasks module opens another on the same database, with the same tasks; `then`: what it does with it. */
async function openAround(then: string, isolation: "process" | "thread" = "process"): Promise<Stage3Queue> {
  const database = `sqlite:${join(temporaryFolder(), "q.db")}`;
  const queues = { default: { isolation, maxRestarts: 0 } };
  const tasks = moduleOf(`
    import { Stage3Queue } from ${JSON.stringify(PACKAGE)};
    const depth = Number(process.env.DEPTH_OF_THE_TEST ?? 0);
    if (depth > 2) throw new Error("This goes too deep.");
    process.env.DEPTH_OF_THE_TEST = String(depth + 1);
    const { database, queues } = ${JSON.stringify({ database, queues })};
    export default { first: () => stage3.broker.enqueue("default", "second", []), second: () => "done" };
    const stage3 = await Stage3Queue.open({ database, queues, tasks: new URL(import.meta.url) });
    ${then}
  `);
  const stage3 = await Stage3Queue.open({ database, queues, tasks: new URL(tasks) });
  onTestFinished(() => stage3.stop());
  return stage3;
}

const REFUSED = /cannot start children or threads for them: each of those would do the same, without end/;

test.each(["process", "thread"] as const)(
  "tasks that start the queue they belong to are refused: %s",
  async (place) => {
    const stage3 = await openAround("await stage3.start();", place);
    await expect(stage3.start()).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(REFUSED),
    });
  },
);

test("tasks that enqueue what nobody has registered while they are imported are refused", async () => {
  const { broker } = await openAround('await stage3.broker.enqueue("default", "second", []);');
  const enqueued = broker.enqueue("default", "second", []);
  await expect(enqueued).rejects.toMatchObject({ code: "TASKS_NOT_LOADED", message: expect.stringMatching(REFUSED) });
});

test("a task enqueues through an instance of its own that is not started", async () => {
  const stage3 = await openAround("");
  await stage3.start();
  const first = await stage3.broker.enqueue("default", "first", []);
  const second = await stage3.broker.result<string>(first);
  expect(await stage3.broker.result(second)).toBe("done");
});
