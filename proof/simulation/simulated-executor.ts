import type { Clock, Timer } from "../../src/core/clock.ts";
import type { FunctionDescription } from "../../src/core/options/settings.ts";
import type {
  AbortReason,
  AttemptOutcome,
  Executor,
  RunningAttempt,
  RunRequest,
  TellUnavailable,
} from "../../src/executor/port.ts";
import type { AttemptOver, HistoryEvent } from "../history/events.ts";
import { type AttemptPlan, type Behaviour, type Mishap, planOf } from "./behaviour.ts";

export interface SimulatedExecutorParts {
  readonly worker: string;
  readonly functions: readonly FunctionDescription[];
  /** The worker's clock: it hears of what its children do only while it runs itself. */
  readonly clock: Clock;
  /** The children's clock, which goes on while their worker is stalled. */
  readonly childClock: Clock;
  readonly record: (event: HistoryEvent) => void;
  readonly nextRun: () => string;
  readonly tell: TellUnavailable;
  /** A task kills the worker whose child it is. */
  readonly killWorker: () => void;
}

/** After how long processes can be started again. */
const RETRY_MS = 1_000;

/** Runs handlers as child processes would, in virtual time. */
export class SimulatedExecutor implements Executor {
  readonly #parts: SimulatedExecutorParts;
  readonly #running = new Set<SimulatedAttempt>();
  /** The tasks that have had their mishap here. */
  readonly #struck = new Set<string>();

  constructor(parts: SimulatedExecutorParts) {
    this.#parts = parts;
  }

  async describe(): Promise<readonly FunctionDescription[]> {
    return this.#parts.functions;
  }

  run(request: RunRequest): RunningAttempt {
    const plan = planOf((JSON.parse(request.args) as [Behaviour])[0], request.attempt);
    const mishap = this.#struck.has(request.taskId) ? undefined : plan.mishap;
    if (mishap !== undefined) this.#struck.add(request.taskId);
    if (mishap === "cannotStart") this.#lackProcesses();
    const attempt = new SimulatedAttempt(request, { ...plan, mishap }, this.#parts);
    this.#running.add(attempt);
    void attempt.outcome.then(() => this.#running.delete(attempt));
    return attempt;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(({ outcome }) => outcome));
  }

  #lackProcesses(): void {
    const { functions, clock, tell } = this.#parts;
    tell({ cannotStart: true, functions: new Set(functions.map(({ name }) => name)) });
    clock.setTimer(RETRY_MS, () => tell({ cannotStart: false, functions: new Set() }));
  }
}

interface SimulatedPlan extends Omit<AttemptPlan, "mishap"> {
  readonly mishap: Mishap | undefined;
}

class SimulatedAttempt implements RunningAttempt {
  readonly outcome: Promise<AttemptOutcome>;
  readonly #parts: SimulatedExecutorParts;
  readonly #request: RunRequest;
  readonly #plan: SimulatedPlan;
  readonly #run: string;
  #hasBegun = false;
  #signalled: AbortReason | undefined;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #next: Timer | undefined;
  #grace: Timer | undefined;
  #over = false;

  constructor(request: RunRequest, plan: SimulatedPlan, parts: SimulatedExecutorParts) {
    this.#parts = parts;
    this.#request = request;
    this.#plan = plan;
    this.#run = parts.nextRun();
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { waitMs = 0, mishap } = plan;
    if (mishap === "cannotStart") this.#leaveOut();
    else if (waitMs === 0) this.#begin();
    else this.#next = parts.clock.setTimer(waitMs, () => this.#begin());
  }

  #begin(): void {
    const { taskId: id, topic, attempt, onBegin } = this.#request;
    const { record, worker } = this.#parts;
    this.#hasBegun = true;
    record({ kind: "began", run: this.#run, id, attempt, topic, worker });
    onBegin();
    this.#step(this.#plan.steps);
  }

  /** It ends without having begun. */
  #leaveOut(): void {
    this.#over = true;
    this.#next?.cancel();
    this.#parts.clock.defer(() => this.#resolve({ kind: "blameless" }));
  }

  /** As for processes: whatever the handler does, its process is gone before this is over. */
  abort(reason: AbortReason, graceMs: number): void {
    if (this.#signalled !== undefined || this.#over) return;
    if (!this.#hasBegun) return this.#leaveOut();
    this.#signalled = reason;
    const { obeys, obeysBy } = this.#plan;
    if (obeys && obeysBy !== undefined) this.#wait(1, () => this.#finish(obeysBy));
    else if (obeys) this.#wait(1, () => this.#end("killed", { kind: "killed" }));
    else this.#grace = this.#parts.clock.setTimer(graceMs, () => this.#end("killed", { kind: "killed" }));
  }

  #wait(delayMs: number, then: () => void): void {
    this.#next?.cancel();
    this.#next = this.#parts.childClock.setTimer(delayMs, then);
  }

  #step(left: number): void {
    this.#wait(this.#plan.stepMs, () => {
      if (left === 0) return this.#finish(this.#plan.end);
      this.#parts.record({ kind: "effect", run: this.#run });
      this.#request.onProgress(JSON.stringify(1 / (1 + left)));
      this.#step(left - 1);
    });
  }

  #finish(end: AttemptPlan["end"]): void {
    if (this.#plan.mishap === "strayExit") return this.#end("disturbed", { kind: "blameless" });
    const result = JSON.stringify(`${this.#request.taskId} ${this.#request.attempt} ${this.#run}`);
    switch (end) {
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
  #end(how: AttemptOver["how"], outcome: AttemptOutcome, result?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#next?.cancel();
    this.#grace?.cancel();
    const signalled = this.#signalled === undefined ? {} : { signalled: this.#signalled };
    this.#parts.record({
      kind: "over",
      run: this.#run,
      how,
      ...(result === undefined ? {} : { result }),
      ...signalled,
    });
    this.#parts.clock.defer(() => this.#resolve(outcome));
  }
}
