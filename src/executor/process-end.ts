import type { FailureReason } from "../core/failure.ts";
import { showSize } from "../core/options/sizes.ts";
import type { MemoryEnd } from "./crash-report.ts";

/** How a process ended, as its `exit` event tells it. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What it means for an attempt that its child ended under it; `memory`: it ended for want of memory. */
export function failureOf({ exitCode, signal }: ProcessExit, memory: MemoryEnd | undefined): FailureReason {
  if (memory !== undefined) return { code: "TASK_OUT_OF_MEMORY", message: outOfMemory(memory) };
  if (signal !== null) return { code: "TASK_KILLED", message: `The process was killed by ${signal}.${hintOf(signal)}` };
  return { code: "TASK_EXITED", message: `The process exited with code ${exitCode}.` };
}

function outOfMemory(end: MemoryEnd): string {
  if (end.kind === "heap") {
    return "The process ran out of memory. Handle less at a time, or start with a larger --max-old-space-size.";
  }
  const { usedBytes, limitBytes } = end;
  return (
    `The process took ${showSize(usedBytes)} of memory and was killed: maxMemory is ${showSize(limitBytes)}. ` +
    "Handle less at a time, or raise maxMemory."
  );
}

function hintOf(signal: NodeJS.Signals): string {
  return signal === "SIGKILL" ? " The system does that when it is short of memory." : "";
}
