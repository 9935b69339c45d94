import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from "node:worker_threads";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import { showSize } from "../core/options/sizes.ts";
import { AbortFlags } from "./abort-flags.ts";
import type { Body, BodyHandlers } from "./body.ts";
import { leastThreadEnvironment, threadEnvironment, threadFlags } from "./child-flags.ts";
import type { MessageToMember } from "./messages.ts";
import { readMessage } from "./read-message.ts";

export interface ThreadOptions {
  readonly tasksUrl: string;
  /** The flags of this process, of which threads get those that are fit for them. */
  readonly execArgv: readonly string[];
  readonly maxMemoryBytes: number | undefined;
}

/** What a task's thread is started with. */
export interface ThreadData {
  readonly tasksUrl: string;
  port?: MessagePort;
  /** See `AbortFlags`. */
  aborts?: SharedArrayBuffer;
}

/** A worker thread of this process. */
export class ThreadBody implements Body {
  readonly id: number;
  readonly #worker: Worker;
  /** Its messages do not go over the thread's own port, which what runs in it could use as well. */
  readonly #port: MessagePort;
  readonly #handlers: BodyHandlers;
  readonly #aborts = new AbortFlags(1);
  /** What may be a result of the attempt that runs in it. */
  #maxPayloadBytes = 0;
  /** What came from it was no message. */
  #isBroken = false;
  #exited = false;

  /** @throws Error when a flag is refused. */
  constructor({ tasksUrl, execArgv, maxMemoryBytes }: ThreadOptions, handlers: BodyHandlers) {
    const { port1, port2 } = new MessageChannel();
    this.#worker = startWorker({
      name: `stage3queue tasks ${tasksUrl.slice(tasksUrl.lastIndexOf("/") + 1)}`,
      workerData: { tasksUrl, port: port2, aborts: this.#aborts.buffer } satisfies ThreadData,
      transferList: [port2],
      argv: [],
      execArgv: threadFlags(execArgv),
      ...(maxMemoryBytes !== undefined && {
        resourceLimits: {
          maxOldGenerationSizeMb: Math.ceil(maxMemoryBytes / 1024 ** 2),
          maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        },
      }),
    });
    this.id = this.#worker.threadId;
    this.#port = port1;
    this.#handlers = handlers;
    port1.on("message", this.#receive);
    port1.on("messageerror", () => this.#break());
    let cause: unknown;
    this.#worker.once("error", (error: unknown) => {
      cause = error;
    });
    this.#worker.once("exit", (exitCode) => {
      this.#exited = true;
      handlers.onExit();
      this.#drain();
      handlers.onGone(this.#isBroken ? BROKEN : failureOf(exitCode, cause, maxMemoryBytes));
    });
  }

  get exited(): boolean {
    return this.#exited;
  }

  send(message: MessageToMember): void {
    if (message.kind === "run") this.#maxPayloadBytes = message.data.maxPayloadBytes;
    if (message.kind === "abort") this.#aborts.raise(message.run, message.reason);
    this.#port.postMessage(message);
  }

  /** A native call that it is in is waited for. */
  kill(): void {
    if (!this.#exited) void this.#worker.terminate();
  }

  /** What runs in the thread may have changed what its messages are made with. */
  readonly #receive = (came: unknown): void => {
    if (this.#isBroken) return;
    const message = readMessage(came, this.#maxPayloadBytes);
    if (message === undefined) this.#break();
    else this.#handlers.onMessage(message);
  };

  #break(): void {
    this.#isBroken = true;
    this.kill();
  }

  /** What it said last may not have been delivered yet. */
  #drain(): void {
    this.#port.off("message", this.#receive);
    for (let next = receive(this.#port); next !== undefined; next = receive(this.#port)) this.#receive(next.message);
    this.#port.close();
  }
}

const BROKEN: FailureReason = {
  code: "TASK_KILLED",
  message: "The thread was ended because what came from it is no message of the queue.",
};

/**
 * When a heap is full, Node ends its thread and grants 16 MB more until that has happened. V8 ends the whole process
 * when these are used up too, so what it moves out of the young generation at once, up to a third of it, must be less.
 */
const YOUNG_GENERATION_MB = 24;

/** Beside this file, and in the same language: TypeScript in the sources, JavaScript in the package. */
const ENTRY = new URL(`./entry/thread${import.meta.url.slice(-3)}`, import.meta.url);

/** What Node takes for a thread in `NODE_OPTIONS` differs from version to version. */
function startWorker(options: WorkerOptions): Worker {
  try {
    return new Worker(ENTRY, { ...options, env: threadEnvironment(process.env) });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_WORKER_INVALID_EXEC_ARGV")) throw error;
    return new Worker(ENTRY, { ...options, env: leastThreadEnvironment(process.env) });
  }
}

function receive(port: MessagePort): { message: unknown } | undefined {
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
