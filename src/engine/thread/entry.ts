import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { EngineHost } from "./host.ts";
import type { FromHost, HostData, ToHost } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { toPlainError } from "./plain-error.ts";

/** The first module of the Engine's thread. */
const port = parentPort;
if (port === null) throw new Error("This module is the start of a worker thread and is not run by itself.");

const outbox = new Outbox<FromHost>((messages) => port.postMessage(messages), withoutFields);
const early: ToHost[] = [];
let receive = (message: ToHost): void => void early.push(message);
port.on("message", (messages: readonly ToHost[]) => {
  for (const message of messages) receive(message);
});

try {
  const host = await EngineHost.open(workerData as HostData, (message) => outbox.send(message), close);
  receive = (message) => host.receive(message);
  outbox.send({ kind: "opened" });
  for (const message of early) receive(message);
} catch (error) {
  outbox.send({ kind: "notOpened", error: toPlainError(error) });
  close();
}

/** Nothing is left to do: without its port the thread ends, once the last answer is on its way. */
function close(): void {
  systemClock.defer(() => port?.close());
}

/** A log whose fields cannot be sent on must not end this thread. */
function withoutFields(message: FromHost): FromHost | undefined {
  if (message.kind !== "event" || message.event.name !== "log") return undefined;
  return { kind: "event", event: { ...message.event, fields: "The fields of this line could not be sent on." } };
}
