import type { FailureReason } from "../core/failure.ts";

/** How a process ended, as its `exit` event tells it. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What it means for an attempt that its child ended under it. */
export function failureOf({ exitCode, signal }: ProcessExit, outOfMemory: boolean): FailureReason {
  if (outOfMemory) {
    return {
      code: "TASK_OUT_OF_MEMORY",
      message: "The process ran out of memory. Handle less at a time, or start with a larger --max-old-space-size.",
    };
  }
  if (signal !== null) return { code: "TASK_KILLED", message: `The process was killed by ${signal}.${hintOf(signal)}` };
  return { code: "TASK_EXITED", message: `The process exited with code ${exitCode}.` };
}

function hintOf(signal: NodeJS.Signals): string {
  return signal === "SIGKILL" ? " The system does that when it is short of memory." : "";
}
