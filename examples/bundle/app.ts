// An application that is bundled before it is run; docs/embedding.md tells how.
import { extname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({
  // The tasks are a bundle of their own, beside this one: `.ts` in the sources, `.js` or `.mjs` once bundled.
  tasks: new URL(`./tasks${extname(import.meta.url)}`, import.meta.url),
});
await stage3.start();

const ids = [
  await stage3.broker.enqueue("default", "greet", ["Ada"]),
  await stage3.broker.enqueue("default", "attempt", []),
];
for (const id of ids) {
  while ((await stage3.broker.status(id)) !== "finished") await wait(10);
  console.log((await stage3.broker.get(id))?.result); // "Hello, Ada", then 1
}
await stage3.stop();
