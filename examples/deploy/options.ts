// What the web process and the worker have in common: the same database, tasks and queues.
import type { Stage3QueueOptions } from "stage3queue";

export const options: Stage3QueueOptions = {
  database: process.env["STAGE3_DATABASE"],
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: { default: { shutdownGrace: "5s" } },
};
