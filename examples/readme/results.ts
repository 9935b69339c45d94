import { Stage3Error, Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({ tasks: new URL("./tasks.ts", import.meta.url) });
await stage3.start();
const { broker } = stage3;

const id = await broker.enqueue("default", "fibonacci", [20]);
const value = await broker.result(id, { timeout: "30s" }); // for the compiler, too, a number
console.log(value); // 6765

const slow = await broker.enqueue("default", "fibonacci", [100]); // it would take years
try {
  await broker.result(slow, { timeout: 100 });
} catch (error) {
  if (!(error instanceof Stage3Error)) throw error;
  console.log(error.code, await broker.status(slow)); // RESULT_TIMEOUT running
}
await broker.abort(slow);

const mail = await broker.enqueue("default", "send emails", ["admin@example.com", ["a@example.com"]]);
await broker.result(mail, { signal: AbortSignal.timeout(30_000) });
const task = await broker.get(mail);
console.log(task?.status, task?.attempt, task?.progress, task?.result); // finished 1 1 undefined

await stage3.stop();
