import { assertNever } from "../../core/assert-never.ts";
import { systemClock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import { describeThrown, type FailureReason } from "../../core/failure.ts";
import { runningTask } from "../../tasks/current-task.ts";
import { describeTasks } from "../../tasks/describe-tasks.ts";
import { loadTasks } from "../../tasks/load-tasks.ts";
import type { ReadTask } from "../../tasks/read-tasks.ts";
import { HandlerCall } from "../handler-call.ts";
import type { MessageFromMember, MessageToMember, RunData } from "../messages.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import { ProgressPacer } from "./progress-pacer.ts";

/** The side of a child, or of a thread, in the conversation with its pool. */
export class Session {
  readonly #post: (message: MessageFromMember) => void;
  readonly #memory: MemoryWatch | undefined;
  #tasks: ReadonlyMap<string, ReadTask> | undefined;
  #running: { readonly run: number; readonly call: HandlerCall } | undefined;
  /** The pool has been told that this process or thread is of no more use, and will kill it. */
  #over = false;

  /** @param memory what enforces `maxMemory` here; a thread's limit is set where it is started. */
  constructor(post: (message: MessageFromMember) => void, memory?: MemoryWatch) {
    this.#post = post;
    this.#memory = memory;
  }

  /** Imports the tasks, and runs what comes. */
  async start(tasksUrl: string): Promise<void> {
    process.on("uncaughtException", (error) => this.#onUncaught(error));
    process.on("unhandledRejection", (reason) => this.#onUncaught(reason));
    // Called within `process.exit`, so that whoever called that is known here.
    process.on("exit", (code) => this.#onExit(code));
    try {
      this.#tasks = await loadTasks(tasksUrl);
      this.#send({ kind: "ready", functions: describeTasks(this.#tasks) });
    } catch (error) {
      this.#finish({ kind: "import_failed", failure: importFailure(error) });
    }
  }

  receive(message: MessageToMember): void {
    if (this.#over) return;
    switch (message.kind) {
      case "run":
        return void this.#run(message.run, message.data);
      case "abort":
        if (this.#running?.run === message.run) this.#running.call.abort(message.reason);
        return;
      case "leave":
        this.#over = true;
        return process.exit(0);
      default:
        return assertNever(message);
    }
  }

  async #run(run: number, data: RunData): Promise<void> {
    const limitBytes = data.maxMemoryBytes;
    if (limitBytes !== undefined && this.#memory?.begin(run, limitBytes) === false) {
      return this.#send({ kind: "declined", run });
    }
    const pacer = new ProgressPacer(systemClock, (progress) => this.#send({ kind: "progress", run, progress }));
    const call = new HandlerCall({
      ...data,
      onProgress: (progress) => pacer.push(progress),
      onLog: (message, fields) => this.#send({ kind: "log", run, message, fields }),
      onWarning: (code, message) => this.#send({ kind: "warning", run, code, message }),
    });
    this.#running = { run, call };
    const outcome = await call.run(this.#tasks ?? new Map());
    // A promise that was rejected and left alone is noticed only after the handler's last microtask.
    systemClock.defer(() => {
      call.close();
      pacer.flush();
      if (this.#over) return;
      const size = limitBytes === undefined ? "fit" : this.#memory?.end(run, limitBytes);
      if (size === "condemned") return;
      this.#running = undefined;
      this.#send({ kind: "settled", run, outcome, ...(size === "swollen" && { swollen: true }) });
    });
  }

  /** Something was thrown, or rejected, where nobody caught it. */
  #onUncaught(thrown: unknown): void {
    const failure: FailureReason = { code: "TASK_FAILED", ...describeThrown(thrown) };
    if (this.#tasks === undefined) return this.#finish({ kind: "import_failed", failure });
    const running = this.#running;
    const origin = runningTask();
    const isStray = running === undefined || (origin !== undefined && origin !== running.call.current);
    if (isStray) this.#send({ kind: "stray", message: strayMessage(origin?.function, failure) });
    if (isStray && running !== undefined) return;
    running?.call.close();
    this.#finish({ kind: "crashed", run: running?.run, failure });
  }

  /** `process.exit` is a failure of the attempt that calls it, and of no other. */
  #onExit(code: number): void {
    const running = this.#running;
    const origin = runningTask();
    if (origin === undefined || origin === running?.call.current) return;
    running?.call.close();
    this.#finish({ kind: "strayExit", run: running?.run, message: strayExitMessage(origin.function, code) });
  }

  #finish(lastWords: MessageFromMember): void {
    this.#send(lastWords);
    this.#over = true;
  }

  #send(message: MessageFromMember): void {
    if (!this.#over) this.#post(message);
  }
}

function importFailure(error: unknown): FailureReason {
  const { message, stack } = describeThrown(error);
  if (!(error instanceof Stage3Error)) return { code: "TASK_FAILED", message, ...(stack !== undefined && { stack }) };
  const { stack: causeStack } = describeThrown(error.cause);
  return { code: "TASK_FAILED", message: error.message, ...(causeStack !== undefined && { stack: causeStack }) };
}

function strayExitMessage(name: string, code: number): string {
  return `An attempt of ${JSON.stringify(name)} that is over left something behind, which called process.exit(${code}).`;
}

function strayMessage(name: string | undefined, { message }: FailureReason): string {
  if (name === undefined) return `Something that no attempt has started failed between attempts: ${message}`;
  return `An attempt of ${JSON.stringify(name)} that is over left something behind, which failed: ${message}`;
}
