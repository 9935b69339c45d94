import { Stage3Queue } from "stage3queue";
import { defineTasks, type InMemory } from "stage3queue/tasks";

const tasks = defineTasks({
  summarize: (seen: InMemory<Map<string, Date>>) => `${seen.size} since ${seen.get("first")?.toISOString()}`,
});

const stage3 = await Stage3Queue.open<typeof tasks>({
  tasks,
  queues: { default: {}, statistics: { persistent: false } },
});
await stage3.start(); // before it, such a queue takes no tasks

const seen = new Map([["first", new Date(0)]]); // JSON would carry neither
const id = await stage3.broker.enqueue("statistics", "summarize", [seen]);
console.log(await stage3.broker.result(id)); // 1 since 1970-01-01T00:00:00.000Z
await stage3.stop();
