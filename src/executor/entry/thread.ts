// The first module of every thread that runs tasks.
import { workerData } from "node:worker_threads";
import type { MessageToMember } from "../messages.ts";
import type { ThreadData } from "../thread-body.ts";
import { AbortFlags } from "../abort-flags.ts";
import { Session } from "./session.ts";

const data = workerData as ThreadData;
const { tasksUrl, port, aborts } = data;
if (port === undefined || aborts === undefined)
  throw new Error("This module is the start of a worker thread and is not run by itself.");
// The tasks module finds a thread without what is ours.
delete data.port;
delete data.aborts;
const session = new Session({ post: (message) => port.postMessage(message), aborts: new AbortFlags(aborts) });
port.on("message", (message: MessageToMember) => session.receive(message));
await session.start(tasksUrl);
