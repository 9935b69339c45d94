import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({ tasks: new URL("./tasks.ts", import.meta.url) });
await stage3.start();

const id = await stage3.broker.enqueue("default", "greet", ["Ada"]);
console.log(await stage3.broker.result(id)); // Hello, Ada!

await stage3.stop();
