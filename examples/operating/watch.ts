import { Stage3Queue } from "stage3queue";

const stage3 = await Stage3Queue.open(); // not started: it looks, and runs nothing

for (const { topic, queued, oldestQueuedAt, unclaimable, inDeadLetterQueue } of await stage3.broker.queues()) {
  console.log(topic, queued, oldestQueuedAt?.toISOString() ?? "-", unclaimable, inDeadLetterQueue);
}
console.log(await stage3.isReady()); // true: the database takes what is written

await stage3.stop();
