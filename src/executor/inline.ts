import type { Clock, Timer } from "../core/clock.ts";
import { describeThrown } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { ReadTask } from "../tasks/read-tasks.ts";
import { describeTasks } from "../tasks/describe-tasks.ts";
import { HandlerCall } from "./handler-call.ts";
import type { AbortReason, AttemptOutcome, Executor, RunningAttempt, RunRequest } from "./port.ts";

export interface InlineOptions {
  /** The functions to run; called once, when they are first needed. */
  readonly load: () => ReadonlyMap<string, ReadTask> | Promise<ReadonlyMap<string, ReadTask>>;
  readonly clock: Clock;
}

/** Runs handlers on the event loop that calls it, any number at once. They can be asked to stop, but not be killed. */
export class InlineExecutor implements Executor {
  readonly #options: InlineOptions;
  readonly #running: Set<InlineAttempt> = new Set();
  #tasks: Promise<ReadonlyMap<string, ReadTask>> | undefined;
  #stopped = false;

  constructor(options: InlineOptions) {
    this.#options = options;
  }

  async describe(): Promise<readonly FunctionDescription[]> {
    return describeTasks(await this.#load());
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = new InlineAttempt(request, this.#options.clock);
    if (this.#stopped) {
      attempt.settle({ kind: "blameless" });
      return attempt;
    }
    this.#running.add(attempt);
    void attempt.outcome.then(() => this.#running.delete(attempt));
    void attempt.start(this.#load());
    return attempt;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(Array.from(this.#running, (attempt) => attempt.outcome));
  }

  #load(): Promise<ReadonlyMap<string, ReadTask>> {
    this.#tasks ??= Promise.resolve().then(this.#options.load);
    return this.#tasks;
  }
}

class InlineAttempt implements RunningAttempt {
  readonly outcome: Promise<AttemptOutcome>;
  readonly #request: RunRequest;
  readonly #clock: Clock;
  readonly #call: HandlerCall;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #grace: Timer | undefined;
  #aborted = false;
  #over = false;

  constructor(request: RunRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#call = new HandlerCall(request);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  async start(tasks: Promise<ReadonlyMap<string, ReadTask>>): Promise<void> {
    try {
      const loaded = await tasks;
      // Aborted before it began: there is nothing that could obey.
      if (this.#aborted) return this.settle({ kind: "blameless" });
      this.#request.onBegin();
      // What that sends leaves in a microtask: a handler that never lets this loop turn would hold it back, and with it
      // the start of its own timeout.
      await Promise.resolve();
      this.settle(await this.#call.run(loaded));
    } catch (thrown) {
      this.settle({ kind: "failed", failure: { code: "TASK_FAILED", ...describeThrown(thrown) } });
    }
  }

  abort(reason: AbortReason, graceMs: number): void {
    if (this.#aborted || this.#over) return;
    this.#aborted = true;
    this.#grace = this.#clock.setTimer(graceMs, () => this.#abandon());
    this.#call.abort(reason);
  }

  /** Only the first outcome counts. */
  settle(outcome: AttemptOutcome): void {
    this.#over = true;
    this.#grace?.cancel();
    this.#call.close();
    this.#resolve(outcome);
  }

  #abandon(): void {
    this.#request.onWarning(
      "ATTEMPT_ABANDONED",
      `${JSON.stringify(this.#request.function)} ignored its signal and runs on, unheard, because an inline handler ` +
        'cannot be killed. Pass the signal on to what it waits for, or give the queue isolation "process".',
    );
    this.settle({ kind: "abandoned" });
  }
}
