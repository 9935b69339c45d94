import { Stage3Queue } from "stage3queue";
import { defineTasks, task } from "stage3queue/tasks";

async function save(_name: string): Promise<void> {
  throw new Error("the disk is full");
}
async function notify(_name: string): Promise<void> {}

const tasks = defineTasks({
  "sign up": task({ isolation: "inline", maxRestarts: 0 }, async (name: string) => {
    // Both are awaited from the start: whichever rejects fails this attempt, and nothing is left to itself.
    await Promise.all([save(name), notify(name)]);
  }),
});

const stage3 = await Stage3Queue.open<typeof tasks>({ database: "memory:", tasks });
await stage3.start();
const id = await stage3.broker.enqueue("default", "sign up", ["Ada"]);
await stage3.broker.result(id).catch((error: Error) => console.log(error.message)); // the disk is full
await stage3.stop();
