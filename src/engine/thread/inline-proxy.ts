import type { Clock } from "../../core/clock.ts";
import type { FunctionDescription } from "../../core/options/settings.ts";
import type { AbortFlags } from "../../executor/abort-flags.ts";
import type { AbortReason, AttemptOutcome, Executor, RunningAttempt, RunRequest } from "../../executor/port.ts";
import type { FromHost, ToHost } from "./messages.ts";
import { fromPlainError } from "./plain-error.ts";

type InlineAnswer = Extract<ToHost, { kind: `inline${string}` }>;

export interface InlineParts {
  send(message: FromHost): void;
  readonly clock: Clock;
  /** Shared with the application's thread. */
  readonly aborts: AbortFlags;
}

/** The Engine's side of the inline handlers, which run on the application's own event loop. */
export class InlineProxies {
  readonly #parts: InlineParts;
  readonly #runs = new Map<number, InlineRun>();
  readonly #descriptions = new Map<string, PromiseWithResolvers<readonly FunctionDescription[]>>();
  #lastRun = 0;

  constructor(parts: InlineParts) {
    this.#parts = parts;
  }

  /** The executor of one topic. */
  open(topic: string): Executor {
    const runs = new Set<InlineRun>();
    return {
      describe: () => this.#describe(topic),
      run: (request) => {
        const run = this.#run(request);
        runs.add(run);
        void run.outcome.then(() => runs.delete(run));
        return run;
      },
      stop: async () => void (await Promise.all([...runs].map(({ outcome }) => outcome))),
    };
  }

  /** Takes what the application's thread answers. */
  receive(message: InlineAnswer): void {
    switch (message.kind) {
      case "inlineDescribed":
        return this.#takeDescription(message.topic)?.resolve(message.functions);
      case "inlineFailed":
        return this.#takeDescription(message.topic)?.reject(fromPlainError(message.error));
      default:
        this.#runs.get(message.run)?.receive(message);
    }
  }

  #describe(topic: string): Promise<readonly FunctionDescription[]> {
    const waiting = this.#descriptions.get(topic) ?? Promise.withResolvers<readonly FunctionDescription[]>();
    this.#descriptions.set(topic, waiting);
    this.#parts.send({ kind: "inlineDescribe", topic });
    return waiting.promise;
  }

  #takeDescription(topic: string): PromiseWithResolvers<readonly FunctionDescription[]> | undefined {
    const waiting = this.#descriptions.get(topic);
    this.#descriptions.delete(topic);
    return waiting;
  }

  #run(request: RunRequest): InlineRun {
    this.#lastRun += 1;
    const number = this.#lastRun;
    const run = new InlineRun(number, request, this.#parts);
    this.#runs.set(number, run);
    void run.outcome.then(() => this.#runs.delete(number));
    return run;
  }
}

/** One inline attempt, seen from the Engine's thread. */
class InlineRun implements RunningAttempt {
  readonly outcome: Promise<AttemptOutcome>;
  readonly #number: number;
  readonly #request: RunRequest;
  readonly #parts: InlineParts;
  #resolve: (outcome: AttemptOutcome) => void = () => {};
  #aborted = false;

  constructor(number: number, request: RunRequest, parts: InlineParts) {
    this.#number = number;
    this.#request = request;
    this.#parts = parts;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const {
      onBegin: _begin,
      onWait: _wait,
      onProgress: _progress,
      onLog: _log,
      onWarning: _warning,
      ...plain
    } = request;
    parts.send({ kind: "inlineRun", run: number, request: plain });
  }

  /** The application's loop may be blocked by the handler itself: then nobody there sees the grace pass, but here. */
  abort(reason: AbortReason, graceMs: number): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#parts.aborts.raise(this.#number, reason);
    this.#parts.send({ kind: "inlineAbort", run: this.#number, reason, graceMs });
    const grace = this.#parts.clock.setTimer(graceMs + BLOCKED_LOOP_MS, () => this.#resolve({ kind: "abandoned" }));
    void this.outcome.then(() => grace.cancel());
  }

  receive(message: Extract<InlineAnswer, { run: number }>): void {
    switch (message.kind) {
      case "inlineBegan":
        return this.#request.onBegin();
      case "inlineProgress":
        return this.#request.onProgress(message.progress);
      case "inlineLog":
        return this.#request.onLog(message.message, message.fields);
      case "inlineWarning":
        return this.#request.onWarning(message.code, message.message);
      case "inlineOutcome":
        return this.#resolve(message.outcome);
    }
  }
}

/** What the application's loop gets beyond the grace to answer by itself, so that its warning is heard. */
const BLOCKED_LOOP_MS = 50;
