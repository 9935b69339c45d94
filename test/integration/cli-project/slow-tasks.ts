import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { defineTasks } from "stage3queue/tasks";

console.log("importing the tasks");
// The import takes until a test makes this file.
while (!existsSync(process.env["IMPORT_GATE"] ?? "")) await wait(10);

export default defineTasks({});
