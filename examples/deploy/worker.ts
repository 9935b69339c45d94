// The worker: it runs tasks and serves nothing. Start as many as you like: node examples/deploy/worker.ts
import { Stage3Queue } from "stage3queue";
import { options } from "./options.ts";

const stage3 = await Stage3Queue.open(options);
await stage3.start();
console.log("Working");

const stop = (): void => void stage3.stop();
process.once("SIGTERM", stop).once("SIGINT", stop);
