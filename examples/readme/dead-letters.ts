import { Stage3Queue } from "stage3queue";
import { defineTasks } from "stage3queue/tasks";

const tasks = defineTasks({
  fail() {
    throw new Error("the printer is on fire");
  },
});

const stage3 = await Stage3Queue.open<typeof tasks>({
  tasks,
  queues: { default: { maxRestarts: 1, maxBackoff: 0 } },
});
const { broker, events } = stage3;
const buried = new Promise<void>((resolve) => {
  events.on("failed", ({ restart }) => {
    if (!restart) resolve();
  });
});
await stage3.start();
await broker.enqueue("default", "fail", []);
await buried;

for (const task of await broker.dlq.list({ topic: "default", limit: 10 })) {
  console.log(task.failures.map(({ attempt, code, message }) => `${attempt} ${code} ${message}`));
  console.log(await broker.dlq.discard(task.id)); // true; `requeue` would queue it again
}
await stage3.stop();
