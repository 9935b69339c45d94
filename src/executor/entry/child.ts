// The main module of every child process.
import { Socket } from "node:net";
import { Channel } from "../channel.ts";
import { CHANNEL_FD, LIFELINE_FD } from "../child-descriptors.ts";
import { type MessageToMember, pack, type PackedMessage } from "../messages.ts";
import { killGroup } from "../process-group.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";
import { Session } from "./session.ts";
import { startWatchdog } from "./start-watchdog.ts";

const memory = startWatchdog(LIFELINE_FD);
reportFatalErrors();
// The tasks module finds a process without arguments of ours.
const [tasksUrl = ""] = process.argv.splice(2);
const session = new Session((message) => channel.send(pack(message)), memory);
const channel: Channel<MessageToMember, PackedMessage> = new Channel(new Socket({ fd: CHANNEL_FD }), {
  onMessage: (message) => session.receive(message),
  onEnd: () => killGroup(process.pid),
});
await session.start(tasksUrl);
