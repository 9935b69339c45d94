import { encodeValue } from "../core/json/arguments.ts";
import { describeThrown, type FailureReason } from "../core/failure.ts";
import { unpackArguments } from "../core/json/packed-arguments.ts";
import { type CurrentTask, runInTask } from "../tasks/current-task.ts";
import type { ReadTask } from "../tasks/read-tasks.ts";
import { AttemptAbortError } from "./abort-error.ts";
import { LONGEST_LOG_PART, toLogLine } from "./log-line.ts";
import type { AbortReason, AttemptOutcome, RunRequest } from "./port.ts";

/** What a call needs of its attempt's request. */
export type CallRequest = Omit<RunRequest, "onBegin" | "onWait">;

/** How a handler's own call can end. */
export type CallOutcome = Extract<AttemptOutcome, { kind: "finished" | "failed" }>;

/** One call of a handler, in the thread or process where its module is loaded. */
export class HandlerCall {
  /** What `currentTask()` answers in the handler. */
  readonly current: CurrentTask;
  readonly #request: CallRequest;
  readonly #abort: AbortController = new AbortController();
  #open = true;
  #aborted = false;

  constructor(request: CallRequest) {
    this.#request = request;
    const isAborted = (): boolean => this.#isAborted();
    this.current = {
      id: request.taskId,
      topic: request.topic,
      function: request.function,
      attempt: request.attempt,
      signal: this.#abort.signal,
      get aborted() {
        return isAborted();
      },
      throwIfAborted: () => this.#throwIfAborted(),
      progress: (value) => this.#progress(value),
      log: (message, fields) => this.#log(message, fields),
    };
  }

  /** Calls the handler. Resolves, and never rejects, when it has settled. */
  async run(tasks: ReadonlyMap<string, ReadTask>): Promise<CallOutcome> {
    const { args, function: name } = this.#request;
    try {
      const task = tasks.get(name);
      if (task === undefined) throw new Error(`The tasks module has no function ${JSON.stringify(name)}.`);
      const values = readArguments(args);
      if ("unreadable" in values) return { kind: "failed", failure: values.unreadable };
      return this.#finished(await runInTask(this.current, () => task.handler(...values.args)));
    } catch (thrown) {
      return { kind: "failed", failure: { code: "TASK_FAILED", ...describeThrown(thrown) } };
    }
  }

  /** Aborts the handler's signal. Its listeners run inside the task, as the handler does. */
  abort(reason: AbortReason): void {
    this.#aborted = true;
    runInTask(this.current, () => this.#abort.abort(new AttemptAbortError(reason)));
  }

  /** From now on nothing that the handler says is passed on. */
  close(): void {
    this.#open = false;
  }

  /** The signal follows what the memory says, which a handler that is busy hears of first. */
  #isAborted(): boolean {
    if (this.#aborted) return true;
    const reason = this.#request.abortRaised?.();
    if (reason === undefined) return false;
    this.abort(reason);
    return true;
  }

  #throwIfAborted(): void {
    if (this.#isAborted()) throw this.#abort.signal.reason;
  }

  #finished(value: unknown): CallOutcome {
    const encoded = encodeValue(value, this.#request.maxPayloadBytes);
    if ("dropped" in encoded) {
      this.#warn(
        "RESULT_DROPPED",
        `The result of ${JSON.stringify(this.#request.function)} was dropped: ${encoded.dropped}.`,
      );
      return { kind: "finished" };
    }
    return encoded.json === undefined ? { kind: "finished" } : { kind: "finished", result: encoded.json };
  }

  #progress(value: unknown): void {
    if (!this.#open) return;
    if (typeof value === "number" && value >= 0 && value <= 1) return this.#request.onProgress(JSON.stringify(value));
    this.#warn(
      "PROGRESS_DROPPED",
      `A progress value of ${JSON.stringify(this.#request.function)} was dropped: it has to be a number from 0 to 1.`,
    );
  }

  #log(message: unknown, fields: unknown): void {
    const { onLog, logBudget } = this.#request;
    if (!this.#open || logBudget?.take() === false) return;
    const line = toLogLine(message, fields);
    logBudget?.spend(line.bytes);
    onLog(line.message, line.fields);
    if (!line.cut) return;
    this.#warn(
      "LOG_CUT",
      `A log line of ${JSON.stringify(this.#request.function)} was cut: its message may have ` +
        `${LONGEST_LOG_PART / 1024} KB, its fields as much.`,
    );
  }

  #warn(code: "RESULT_DROPPED" | "PROGRESS_DROPPED" | "LOG_CUT", message: string): void {
    if (this.#open) this.#request.onWarning(code, message);
  }
}

/** What is stored of a task may be damaged. */
function readArguments(text: string): { args: readonly unknown[] } | { unreadable: FailureReason } {
  try {
    return { args: unpackArguments(text) };
  } catch (error) {
    const { message } = describeThrown(error);
    return { unreadable: { code: "TASK_UNREADABLE", message: `Its arguments cannot be read. ${message}` } };
  }
}
