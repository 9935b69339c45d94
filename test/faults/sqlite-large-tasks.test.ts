import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue, type Stage3QueueOptions } from "../../src/index.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const LARGE = "x".repeat(1_000_000);

async function open(options: Stage3QueueOptions): Promise<Stage3Queue> {
  const stage3 = await Stage3Queue.open({ durability: "process-crash", ...options });
  onTestFinished(() => stage3.kill());
  await stage3.start();
  return stage3;
}

/** How many calls were answered, one after another, until `ended`. */
async function answeredUntil(ended: Promise<unknown>, call: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = ended.finally(() => (isOver = true));
  let answered = 0;
  for (; !isOver; answered += 1) await call();
  await over;
  return answered;
}

testFault(
  {
    area: "sqlite",
    fault: "a page of large dead letters",
    injected: "a page of 40 of 1 MB each is asked for, and statuses meanwhile",
    holds: "the page is whole, and a status is answered between any two of its tasks",
  },
  async () => {
    const stage3 = await open({
      database: `sqlite:${join(temporaryFolder(), "queue.db")}`,
      queues: { default: { maxQueueLen: Infinity, maxRestarts: 0 } },
      tasks: {
        fail() {
          throw new Error("as it has to");
        },
      },
    });
    const { broker } = stage3;
    const ids: string[] = [];
    for (let count = 0; count < 40; count += 1) ids.push(await broker.enqueue("default", "fail", [LARGE]));
    await Promise.all(ids.map((id) => broker.result(id).catch(() => undefined)));
    const page = broker.dlq.list({ limit: 100 });
    const answered = await answeredUntil(page, () => broker.status(ids[0] ?? ""));
    expect(new Set((await page).map(({ id }) => id))).toEqual(new Set(ids));
    expect(answered).toBeGreaterThan(35);
  },
  60_000,
);

testFault(
  {
    area: "sqlite",
    fault: "the retention of large tasks ends",
    injected: "40 of 1 MB and a result of 1 MB each are removed, and statuses asked for meanwhile",
    holds: "a status is answered between any few of them",
  },
  async () => {
    const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
    const queues = { default: { maxQueueLen: Infinity } };
    const tasks = { echo: (text: string) => text.slice(1) };
    const first = await open({ database, queues, tasks });
    const ids: string[] = [];
    for (let count = 0; count < 40; count += 1) ids.push(await first.broker.enqueue("default", "echo", [LARGE]));
    await Promise.all(ids.map((id) => first.broker.result(id)));
    await first.stop();
    const { broker } = await open({ database, queues, tasks, retention: { finished: 0 } });
    const kept = async (): Promise<number> => (await broker.queues())[0]?.finished ?? 0;
    while ((await kept()) === ids.length);
    const seen = new Set<number>();
    for (let left = await kept(); left > 0; left = await kept()) seen.add(left);
    // Two or three of them come to the 4 MB that one turn removes.
    expect(seen.size).toBeGreaterThan(5);
  },
  60_000,
);
