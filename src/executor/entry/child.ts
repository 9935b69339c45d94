// The main module of every child process.
import { Socket } from "node:net";
import { Channel } from "../channel.ts";
import { CHANNEL_FD, LIFELINE_FD } from "../child-descriptors.ts";
import { type MessageToMember, pack, type PackedMessage } from "../messages.ts";
import { killGroup } from "../process-group.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";
import { Session } from "./session.ts";
import { startWatchdog } from "./start-watchdog.ts";

/** How much may wait for the parent to read it before log lines are dropped: a busy handler lets nothing go out. */
const MOST_BACKLOG_BYTES = 4 * 1024 ** 2;

const { memory, aborts } = startWatchdog(LIFELINE_FD);
reportFatalErrors();
// The tasks module finds a process without arguments of ours.
const [tasksUrl = ""] = process.argv.splice(2);
const session = new Session({
  post: (message) => channel.send(pack(message)),
  memory,
  aborts,
  isCongested: () => channel.backlogBytes > MOST_BACKLOG_BYTES,
});
const channel: Channel<MessageToMember, PackedMessage> = new Channel(new Socket({ fd: CHANNEL_FD }), {
  onMessage: (message) => session.receive(message),
  onEnd: () => killGroup(process.pid),
});
await session.start(tasksUrl);
