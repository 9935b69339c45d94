import type { Clock, Timer } from "../../core/clock.ts";
import type { FunctionDescription } from "../../core/policy.ts";
import type { AttemptOutcome, Executor, RunningAttempt, RunRequest } from "../../executor/port.ts";
import type { HistoryEvent } from "../history/events.ts";
import { type AttemptPlan, type Behaviour, planOf } from "./behaviour.ts";

export interface SimulatedExecutorParts {
  readonly worker: string;
  readonly functions: readonly FunctionDescription[];
  /** The worker's clock: it hears of what its children do only while it runs itself. */
  readonly clock: Clock;
  /** The children's clock, which goes on while their worker is stalled. */
  readonly childClock: Clock;
  readonly record: (event: HistoryEvent) => void;
  readonly nextRun: () => string;
  /** A task kills the worker whose child it is. */
  readonly killWorker: () => void;
}

/** Runs handlers as child processes would, in virtual time. */
export class SimulatedExecutor implements Executor {
  readonly #parts: SimulatedExecutorParts;
  readonly #running = new Set<SimulatedAttempt>();

  constructor(parts: SimulatedExecutorParts) {
    this.#parts = parts;
  }

  async describe(): Promise<readonly FunctionDescription[]> {
    return this.#parts.functions;
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = new SimulatedAttempt(request, this.#parts);
    this.#running.add(attempt);
    void attempt.outcome.then(() => this.#running.delete(attempt));
    return attempt;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(({ outcome }) => outcome));
  }
}

class SimulatedAttempt implements RunningAttempt {
  readonly outcome: Promise<AttemptOutcome>;
  readonly #parts: SimulatedExecutorParts;
  readonly #request: RunRequest;
  readonly #plan: AttemptPlan;
  readonly #run: string;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #next: Timer | undefined;
  #grace: Timer | undefined;
  #aborted = false;
  #over = false;

  constructor(request: RunRequest, parts: SimulatedExecutorParts) {
    this.#parts = parts;
    this.#request = request;
    const [behaviour] = JSON.parse(request.args) as [Behaviour];
    this.#plan = planOf(behaviour, request.attempt);
    this.#run = parts.nextRun();
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { taskId: id, topic, attempt } = request;
    parts.record({ kind: "began", run: this.#run, id, attempt, topic, worker: parts.worker });
    this.#step(this.#plan.steps);
  }

  /** As for processes: whatever the handler does, its process is gone before this is over. */
  abort(_reason: string, graceMs: number): void {
    if (this.#aborted || this.#over) return;
    this.#aborted = true;
    if (this.#plan.obeys) this.#wait(1, () => this.#end("killed", { kind: "killed" }));
    else this.#grace = this.#parts.clock.setTimer(graceMs, () => this.#end("killed", { kind: "killed" }));
  }

  #wait(delayMs: number, then: () => void): void {
    this.#next?.cancel();
    this.#next = this.#parts.childClock.setTimer(delayMs, then);
  }

  #step(left: number): void {
    this.#wait(this.#plan.stepMs, () => {
      if (left === 0) return this.#finish();
      this.#parts.record({ kind: "effect", run: this.#run });
      this.#request.onProgress(JSON.stringify(1 / (1 + left)));
      this.#step(left - 1);
    });
  }

  #finish(): void {
    const result = JSON.stringify(`${this.#request.taskId} ${this.#request.attempt} ${this.#run}`);
    switch (this.#plan.end) {
      case "finish":
        return this.#end("finished", { kind: "finished", result }, result);
      case "fail":
        return this.#end("failed", { kind: "failed", failure: { code: "TASK_FAILED", message: "It failed." } });
      case "exit":
        return this.#end("failed", { kind: "failed", failure: { code: "TASK_EXITED", message: "It exited." } });
      case "killWorker":
        return this.#parts.killWorker();
      case "hang":
    }
  }

  /** The process is gone; its worker hears of it when it can. */
  #end(how: "finished" | "failed" | "killed", outcome: AttemptOutcome, result?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#next?.cancel();
    this.#grace?.cancel();
    this.#parts.record({ kind: "over", run: this.#run, how, ...(result === undefined ? {} : { result }) });
    this.#parts.clock.defer(() => this.#resolve(outcome));
  }
}
