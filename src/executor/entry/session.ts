import { assertNever, Stage3Error } from "../../core/errors.ts";
import { systemClock } from "../../core/clock.ts";
import { cutText } from "../../core/cut-text.ts";
import { describeThrown, type FailureReason, LONGEST_FAILURE_TEXT } from "../../core/failure.ts";
import { runningTask } from "../../tasks/current-task.ts";
import { describeTasks } from "../../tasks/describe-tasks.ts";
import { loadTasks } from "../../tasks/load-tasks.ts";
import type { ReadTask } from "../../tasks/read-tasks.ts";
import type { AbortFlags } from "../abort-flags.ts";
import { HandlerCall } from "../handler-call.ts";
import type { MessageFromMember, MessageToMember, RunData } from "../messages.ts";
import { PacedReports } from "../paced-reports.ts";
import { PacedWarnings } from "../paced-warnings.ts";
import { serveModule } from "../served-module.ts";
import { IdleTime } from "./idle-time.ts";
import type { MemoryWatch } from "./memory-watch.ts";

export interface SessionParts {
  readonly post: (message: MessageFromMember) => void;
  /** What enforces `maxMemory` here; a thread's limit is set where it is started. */
  readonly memory?: MemoryWatch;
  /** Where it is said that an attempt is to stop, for a handler that is busy. */
  readonly aborts: AbortFlags;
  /** Whether what was posted piles up. */
  readonly isCongested?: () => boolean;
}

/** The side of a child, or of a thread, in the conversation with its pool. */
export class Session {
  readonly #post: (message: MessageFromMember) => void;
  readonly #memory: MemoryWatch | undefined;
  readonly #aborts: AbortFlags;
  readonly #isCongested: () => boolean;
  readonly #strays: PacedWarnings;
  #tasks: ReadonlyMap<string, ReadTask> | undefined;
  #running: { readonly run: number; readonly call: HandlerCall; readonly paced: PacedReports } | undefined;
  /** The pool has been told that this process or thread is of no more use, and will kill it. */
  #over = false;

  constructor({ post, memory, aborts, isCongested = () => false }: SessionParts) {
    this.#post = post;
    this.#memory = memory;
    this.#aborts = aborts;
    this.#isCongested = isCongested;
    this.#strays = new PacedWarnings(systemClock, (_code, message) => this.#send({ kind: "stray", message }));
  }

  /** Imports the tasks, and runs what comes. */
  async start(tasksUrl: string): Promise<void> {
    process.on("uncaughtException", (error) => this.#onUncaught(error));
    process.on("unhandledRejection", (reason) => this.#onUncaught(reason));
    // Called within `process.exit`, so that whoever called that is known here.
    process.on("exit", (code) => this.#onExit(code));
    // What is kept in the global object has its place there before the tasks module can freeze it.
    serveModule(tasksUrl);
    runningTask();
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
    const paced = new PacedReports({
      clock: systemClock,
      function: data.function,
      isCongested: this.#isCongested,
      to: {
        onProgress: (progress) => this.#send({ kind: "progress", run, progress }),
        onLog: (message, fields) => this.#send({ kind: "log", run, message, fields }),
        onWarning: (code, message) => this.#send({ kind: "warning", run, code, message }),
      },
    });
    const call = new HandlerCall({ ...data, ...paced.reports, abortRaised: () => this.#aborts.reasonOf(run) });
    this.#running = { run, call, paced };
    const idle = new IdleTime();
    const outcome = await call.run(this.#tasks ?? new Map());
    // A promise that was rejected and left alone is noticed only after the handler's last microtask.
    systemClock.defer(() => {
      call.close();
      paced.flush();
      if (this.#over) return;
      const size = limitBytes === undefined ? "fit" : this.#memory?.end(run, limitBytes);
      if (size === "condemned") return;
      this.#running = undefined;
      const swollen = size === "swollen" && { swollen: true as const };
      this.#send({ kind: "settled", run, outcome, ...swollen, ...(idle.hasPassed && { waited: true }) });
    });
  }

  /** Something was thrown, or rejected, where nobody caught it. */
  #onUncaught(thrown: unknown): void {
    const failure: FailureReason = { code: "TASK_FAILED", ...describeThrown(thrown) };
    if (this.#tasks === undefined) return this.#finish({ kind: "import_failed", failure });
    const running = this.#running;
    const origin = runningTask();
    const isStray = running === undefined || (origin !== undefined && origin !== running.call.current);
    if (isStray) this.#strays.push("STRAY_REJECTION", strayMessage(origin?.function, failure));
    if (isStray && running !== undefined) return;
    running?.call.close();
    running?.paced.flush();
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
  return {
    code: "TASK_FAILED",
    message: cutText(error.message, LONGEST_FAILURE_TEXT),
    ...(causeStack !== undefined && { stack: causeStack }),
  };
}

function strayExitMessage(name: string, code: number): string {
  return `An attempt of ${JSON.stringify(name)} that is over left something behind, which called process.exit(${code}).`;
}

function strayMessage(name: string | undefined, { message }: FailureReason): string {
  if (name === undefined) return `Something that no attempt has started failed between attempts: ${message}`;
  return `An attempt of ${JSON.stringify(name)} that is over left something behind, which failed: ${message}`;
}
