// The main module of every child process.
import { Socket } from "node:net";
import { CHANNEL_FD, LIFELINE_FD } from "../child-descriptors.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";
import { Session } from "./session.ts";
import { startWatchdog } from "./start-watchdog.ts";

startWatchdog(LIFELINE_FD);
reportFatalErrors();
// The tasks module finds a process without arguments of ours.
const [tasksUrl = ""] = process.argv.splice(2);
await new Session(new Socket({ fd: CHANNEL_FD })).start(tasksUrl);
