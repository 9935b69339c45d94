import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { CHANNEL_FD, LIFELINE_FD } from "./child-descriptors.ts";
import { childEnvironment, childFlags } from "./child-flags.ts";
import { CrashReport } from "./crash-report.ts";

export interface SpawnOptions {
  readonly tasksUrl: string;
  /** The flags of this process, of which children get those that are fit for them. */
  readonly execArgv: readonly string[];
}

/** A process that has been started, with what connects it to this one. */
export interface SpawnedChild {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly channel: Socket;
  /** Carries what the watchdog is to know; the system closes it when this process, or the thread that made it, is gone. */
  readonly lifeline: Socket;
  readonly report: CrashReport;
}

/**
 * Starts a child in a process group and session of its own, so that it can be killed together with all that it starts,
 * and a Ctrl-C in the terminal does not reach it.
 *
 * @throws Error when the system starts no process.
 */
export function spawnChild({ tasksUrl, execArgv }: SpawnOptions): SpawnedChild {
  const report = new CrashReport();
  try {
    const child = spawn(process.execPath, [...childFlags(execArgv), ENTRY, tasksUrl], {
      detached: true,
      env: childEnvironment(process.env),
      // The last three: CHANNEL_FD, LIFELINE_FD, CRASH_REPORT_FD.
      stdio: ["ignore", 1, 2, "pipe", "pipe", report.fd ?? "ignore"],
      windowsHide: true,
    });
    // It tells what `pid` tells already, or that a signal could not be sent.
    child.on("error", () => {});
    // Against its type, there is no `stdio` where the system is out of open files.
    const stdio: ChildProcess["stdio"] | undefined = child.stdio;
    const channel = stdio?.[CHANNEL_FD];
    const lifeline = stdio?.[LIFELINE_FD];
    if (child.pid === undefined || !(channel instanceof Socket) || !(lifeline instanceof Socket)) {
      throw new Error("No child process could be started. The system may be short of processes, memory or open files.");
    }
    lifeline.on("error", () => {});
    return { process: child, pid: child.pid, channel, lifeline, report };
  } catch (error) {
    report.close();
    throw error;
  }
}

/** Beside this file, and in the same language: TypeScript in the sources, JavaScript in the package. */
const ENTRY = fileURLToPath(new URL(`./entry/child${import.meta.url.slice(-3)}`, import.meta.url));
