import { Stage3Error, Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>({ tasks: new URL("./tasks.ts", import.meta.url) });
await stage3.start();
const { broker } = stage3;

const [mail, number] = await broker.enqueueMany("default", [
  ["send emails", ["admin@example.com", ["a@example.com"]]],
  ["fibonacci", [20], { priority: 1 }],
]);
await broker.result(mail);
console.log(await broker.result(number)); // 6765

try {
  await broker.enqueueMany("default", [
    ["fibonacci", [1]],
    ["fibonacci", [2], { priority: 11 }],
  ]);
} catch (error) {
  if (!(error instanceof Stage3Error)) throw error;
  console.log(error.code, error.message.slice(0, 8)); // INVALID_PRIORITY tasks[1]
}
await stage3.stop();
