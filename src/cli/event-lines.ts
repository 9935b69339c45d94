import { inspect } from "node:util";
import type { Stage3EventName, Stage3Events } from "../core/events.ts";
import { oneLine } from "./message-of.ts";
import type { Terminal } from "./terminal.ts";

/** What reports events; `stage3.events` is one. */
export interface EventSource {
  on<Name extends Stage3EventName>(name: Name, listener: (event: Stage3Events[Name]) => void): unknown;
}

/** Writes what a person who runs the queue wants to see, a line each: what tasks log to stdout, problems to stderr. */
export function writeEventLines(events: EventSource, terminal: Terminal): void {
  events.on("log", (event) => terminal.out(logLine(event)));
  events.on("warning", (event) => terminal.error(warningLine(event)));
  events.on("failed", (event) => terminal.error(failedLine(event)));
  events.on("aborted", (event) => terminal.out(`aborted: ${attemptOf(event)}`));
  events.on("rescued", (event) => terminal.error(rescuedLine(event)));
}

function logLine(event: Stage3Events["log"]): string {
  const fields = event.fields === undefined ? "" : ` ${oneLine(showFields(event.fields))}`;
  return `log: ${attemptOf(event)}: ${oneLine(event.message)}${fields}`;
}

/** Fields may be whatever can be cloned: a BigInt or a cycle, which JSON cannot represent, is shown as the console would. */
function showFields(fields: unknown): string {
  try {
    return JSON.stringify(fields);
  } catch {
    return inspect(fields, { breakLength: Infinity });
  }
}

function warningLine({ code, message, taskId }: Stage3Events["warning"]): string {
  const task = taskId === undefined ? "" : ` (task ${taskId})`;
  return `warning: ${code}: ${oneLine(message)}${task}`;
}

function failedLine(event: Stage3Events["failed"]): string {
  const next = event.restart ? "it is started again" : "it is in the dead-letter queue";
  return `failed: ${attemptOf(event)}: ${event.code}: ${oneLine(event.message)} (${next})`;
}

function rescuedLine({ worker, tasks }: Stage3Events["rescued"]): string {
  return `rescued: ${tasks} ${tasks === 1 ? "task" : "tasks"} of the worker ${worker}, which is gone`;
}

function attemptOf(event: { taskId: string; topic: string; function: string; attempt: number }): string {
  return `${oneLine(event.topic)} "${oneLine(event.function)}" ${event.taskId}, attempt ${event.attempt}`;
}
