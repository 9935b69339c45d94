import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({
  database: "sqlite:data/stage3.db",
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: { default: {}, emails: { maxConcurrency: 100, isolation: "inline" } },
});
await stage3.start(); // without it the process only enqueues, asks and aborts

const { broker } = stage3;
const id = await broker.enqueue("emails", "send emails", ["admin@example.com", ["a@example.com"]], { priority: 1 });
await broker.result(id); // waits for its end
console.log(await broker.status(id)); // "finished"

await stage3.stop();
