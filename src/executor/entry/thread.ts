// The first module of every thread that runs tasks.
import { workerData } from "node:worker_threads";
import type { MessageToMember } from "../messages.ts";
import type { ThreadData } from "../thread-body.ts";
import { Session } from "./session.ts";

const data = workerData as ThreadData;
const { tasksUrl, port } = data;
if (port === undefined) throw new Error("This module is the start of a worker thread and is not run by itself.");
// The tasks module finds a thread without a port of ours.
delete data.port;
const session = new Session((message) => port.postMessage(message));
port.on("message", (message: MessageToMember) => session.receive(message));
await session.start(tasksUrl);
