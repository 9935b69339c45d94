import { setTimeout as wait } from "node:timers/promises";
import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({ tasks: new URL("./tasks.ts", import.meta.url) });
await stage3.start();

const { broker } = stage3;
const id = await broker.enqueue("default", "fibonacci", [100]); // it would take years
while (!(await broker.isRunning(id))) await wait(20);
console.log(await broker.abort(id)); // true: it was asked, then killed
console.log(await broker.abort(id)); // false: it had ended
console.log(await broker.status(id)); // "aborted"

await stage3.stop();
