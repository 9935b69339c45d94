import { Stage3Queue } from "stage3queue";
import { defineTasks, task } from "stage3queue/tasks";

const tasks = defineTasks({
  fail: task({ maxRestarts: 0 }, () => Promise.reject(new Error("no paper"))),
});

const stage3 = await Stage3Queue.open<typeof tasks>({ database: "memory:", tasks });
stage3.events.on("failed", ({ taskId, attempt, code, restart }) => {
  console.error(`${taskId}, attempt ${attempt}: ${code}${restart ? ", it is started again" : ""}`);
});
const failed = new Promise((resolve) => stage3.events.on("failed", resolve));
await stage3.start();
await stage3.broker.enqueue("default", "fail", []);
await failed;
await stage3.stop();
