import { Stage3Queue } from "stage3queue";
import { defineTasks } from "stage3queue/tasks";

const greeted: string[] = [];
const tasks = defineTasks({
  greet(name: string) {
    greeted.push(name); // inline: it shares the application's state
  },
});

const stage3 = await Stage3Queue.open<typeof tasks>({ database: "memory:", tasks });
const done = new Promise((resolve) => stage3.events.on("finished", resolve));
await stage3.start();
await stage3.broker.enqueue("default", "greet", ["Ada"]);
await done;
console.log(greeted); // [ 'Ada' ]
await stage3.stop();
