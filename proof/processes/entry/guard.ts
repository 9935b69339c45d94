// Waits until whoever started it is gone, and then kills the processes that it was told of.
import { createInterface } from "node:readline";
import { openProcessTable } from "../../../src/engine/process-table.ts";
import { killGroup } from "../../../src/executor/process-group.ts";
import type { ToGuard } from "../guard.ts";

const processes = openProcessTable();
/** The start time of each process that is to be killed, by its number. */
const watched = new Map<number, string>();

// It ends when its lifeline does, not before.
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = parse(line);
  if (message?.kind === "watch") watched.set(message.pid, message.startTime);
  if (message?.kind === "gone") watched.delete(message.pid);
}
for (const [pid, startTime] of watched) {
  // Where the system does not tell its start time, it is still the same: its end has not been told, a moment ago.
  if (!processes.isGone({ ...processes.self, pid, startTime })) killGroup(pid);
}

/** Undefined for a line that its writer did not live to finish. */
function parse(line: string): ToGuard | undefined {
  try {
    return JSON.parse(line) as ToGuard;
  } catch {
    return undefined;
  }
}
