import type { FunctionDescription } from "../../src/core/options/settings.ts";
import type { Executor, RunningAttempt, RunRequest } from "../../src/executor/port.ts";
import type { HistoryFile } from "./history-file.ts";

/**
 * Notes when an attempt is over, before the Engine hears of it and gives its slot to another: a child that was killed
 * cannot say so itself.
 */
export class NotingExecutor implements Executor {
  readonly #executor: Executor;
  readonly #worker: string;
  readonly #history: HistoryFile;

  constructor(executor: Executor, worker: string, history: HistoryFile) {
    this.#executor = executor;
    this.#worker = worker;
    this.#history = history;
  }

  describe(): Promise<readonly FunctionDescription[]> {
    return this.#executor.describe();
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = this.#executor.run(request);
    const outcome = attempt.outcome.then((ended) => {
      const { taskId: id, attempt: number } = request;
      if (ended.kind !== "finished") this.#history.note({ kind: "gone", worker: this.#worker, id, attempt: number });
      return ended;
    });
    return { outcome, abort: (reason, graceMs) => attempt.abort(reason, graceMs) };
  }

  stop(): Promise<void> {
    return this.#executor.stop();
  }
}
