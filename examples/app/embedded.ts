// The queue inside an application of one's own: node examples/app/embedded.ts
import { setTimeout as wait } from "node:timers/promises";
import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({
  database: "sqlite:data/embedded.db",
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: { default: {}, emails: { maxConcurrency: 100, isolation: "inline" }, report: { maxRestarts: 10 } },
});
await stage3.start(); // without it the process only enqueues, asks and aborts

const { broker } = stage3;
const id = await broker.enqueue("report", "generate report", [{ title: "Sales" }], { priority: 1 });
while (["queued", "running"].includes((await broker.status(id)) ?? "")) await wait(20);

const report = await broker.get(id);
console.log(report?.status, report?.result);
await stage3.stop();
