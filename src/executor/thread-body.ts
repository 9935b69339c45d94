import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import { showSize } from "../core/sizes.ts";
import type { Body, BodyHandlers } from "./body.ts";
import { threadEnvironment, threadFlags } from "./child-flags.ts";
import type { MessageFromMember, MessageToMember } from "./messages.ts";

export interface ThreadOptions {
  readonly tasksUrl: string;
  readonly topic: string;
  /** The flags of this process, of which threads get those that are fit for them. */
  readonly execArgv: readonly string[];
  readonly maxMemoryBytes: number | undefined;
}

/** What a task's thread is started with. */
export interface ThreadData {
  readonly tasksUrl: string;
  port?: MessagePort;
}

/** A worker thread of this process. */
export class ThreadBody implements Body {
  readonly id: number;
  readonly #worker: Worker;
  /** Its messages do not go over the thread's own port, which what runs in it could use as well. */
  readonly #port: MessagePort;
  #exited = false;

  /** @throws Error when a flag is refused. */
  constructor({ tasksUrl, topic, execArgv, maxMemoryBytes }: ThreadOptions, handlers: BodyHandlers) {
    const { port1, port2 } = new MessageChannel();
    this.#worker = new Worker(ENTRY, {
      name: `stage3queue task ${topic}`,
      workerData: { tasksUrl, port: port2 } satisfies ThreadData,
      transferList: [port2],
      argv: [],
      execArgv: threadFlags(execArgv),
      env: threadEnvironment(process.env),
      ...(maxMemoryBytes !== undefined && {
        resourceLimits: {
          maxOldGenerationSizeMb: Math.ceil(maxMemoryBytes / 1024 ** 2),
          maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        },
      }),
    });
    this.id = this.#worker.threadId;
    this.#port = port1;
    port1.on("message", handlers.onMessage);
    let cause: unknown;
    this.#worker.once("error", (error: unknown) => {
      cause = error;
    });
    this.#worker.once("exit", (exitCode) => {
      this.#exited = true;
      handlers.onExit();
      this.#drain(handlers.onMessage);
      handlers.onGone(failureOf(exitCode, cause, maxMemoryBytes));
    });
  }

  get exited(): boolean {
    return this.#exited;
  }

  send(message: MessageToMember): void {
    this.#port.postMessage(message);
  }

  /** A native call that it is in is waited for. */
  kill(): void {
    if (!this.#exited) void this.#worker.terminate();
  }

  /** What it said last may not have been delivered yet. */
  #drain(onMessage: (message: MessageFromMember) => void): void {
    this.#port.off("message", onMessage);
    for (let next = receive(this.#port); next !== undefined; next = receive(this.#port)) onMessage(next.message);
    this.#port.close();
  }
}

/**
 * When a heap is full, Node ends its thread and grants 16 MB more until that has happened. V8 ends the whole process
 * when these are used up too, so what it moves out of the young generation at once, up to a third of it, must be less.
 */
const YOUNG_GENERATION_MB = 24;

/** Beside this file, and in the same language: TypeScript in the sources, JavaScript in the package. */
const ENTRY = new URL(`./entry/thread${import.meta.url.slice(-3)}`, import.meta.url);

function receive(port: MessagePort): { message: MessageFromMember } | undefined {
  return receiveMessageOnPort(port);
}

/** What it means for an attempt that its thread ended under it; `cause`: what nobody in the thread caught. */
function failureOf(exitCode: number, cause: unknown, maxMemoryBytes: number | undefined): FailureReason {
  if (cause === undefined) return { code: "TASK_EXITED", message: `The thread exited with code ${exitCode}.` };
  if (!isOutOfMemory(cause)) return { code: "TASK_FAILED", ...describeThrown(cause) };
  const remedy =
    maxMemoryBytes === undefined
      ? 'run the task in a process (isolation "process")'
      : `raise maxMemory, which is ${showSize(maxMemoryBytes)}`;
  return { code: "TASK_OUT_OF_MEMORY", message: `The thread ran out of memory. Handle less at a time, or ${remedy}.` };
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}
