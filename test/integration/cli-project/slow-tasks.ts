import { defineTasks } from "stage3queue/tasks";

console.log("importing the tasks");
const keepAlive = setInterval(() => undefined, 1_000);
await new Promise<never>(() => keepAlive);

export default defineTasks({});
