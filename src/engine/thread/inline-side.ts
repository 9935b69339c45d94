import { assertNever } from "../../core/errors.ts";
import type { Clock } from "../../core/clock.ts";
import type { AbortFlags } from "../../executor/abort-flags.ts";
import { PacedReports } from "../../executor/paced-reports.ts";
import type { AttemptOutcome, Executor, RunningAttempt } from "../../executor/port.ts";
import type { FromHost, InlineRequest, ToHost } from "./messages.ts";
import { toPlainError } from "./plain-error.ts";

export type InlineOrder = Extract<FromHost, { kind: `inline${string}` }>;

/** How long the handlers of an Engine that died have to obey their signals before they are abandoned. */
const ORPHAN_GRACE_MS = 1_000;

/** The application's side of inline handlers: runs what the Engine's thread orders, on this event loop. */
export class InlineSide {
  readonly #open: (topic: string) => Executor;
  readonly #send: (message: ToHost) => void;
  readonly #clock: Clock;
  readonly #aborts: AbortFlags;
  /** Ordered, and not begun: an abort may be right behind, where this loop was busy when they came. */
  readonly #waiting = new Map<number, InlineRequest>();
  readonly #executors = new Map<string, Executor>();
  readonly #running = new Map<number, RunningAttempt>();

  /** @param parts `aborts` is shared with the Engine's thread. */
  constructor(parts: {
    open: (topic: string) => Executor;
    send: (message: ToHost) => void;
    clock: Clock;
    aborts: AbortFlags;
  }) {
    this.#open = parts.open;
    this.#send = parts.send;
    this.#clock = parts.clock;
    this.#aborts = parts.aborts;
  }

  obey(order: InlineOrder): void {
    switch (order.kind) {
      case "inlineDescribe":
        return void this.#describe(order.topic);
      case "inlineRun":
        return this.#wait(order.run, order.request);
      case "inlineAbort":
        if (this.#waiting.delete(order.run)) {
          return this.#send({ kind: "inlineOutcome", run: order.run, outcome: { kind: "blameless" } });
        }
        return this.#running.get(order.run)?.abort(order.reason, order.graceMs);
      default:
        assertNever(order);
    }
  }

  /** Stops all that runs, since the Engine that ordered it is gone. Resolves when it is over or abandoned. */
  async abortAll(graceMs: number = ORPHAN_GRACE_MS): Promise<void> {
    this.#waiting.clear();
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const attempt of running) attempt.abort("lease_lost", graceMs);
    await Promise.all(running.map(({ outcome }) => outcome));
  }

  async #describe(topic: string): Promise<void> {
    try {
      this.#send({ kind: "inlineDescribed", topic, functions: await this.#executor(topic).describe() });
    } catch (error) {
      this.#send({ kind: "inlineFailed", topic, error: toPlainError(error) });
    }
  }

  /** After a long block the Engine may have given it up already, and have said that it is aborted. */
  #wait(run: number, request: InlineRequest): void {
    if (this.#waiting.size === 0) this.#clock.defer(() => this.#runWaiting());
    this.#waiting.set(run, request);
  }

  #runWaiting(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [run, request] of waiting) this.#run(run, request);
  }

  #run(run: number, request: InlineRequest): void {
    // A later Engine counts its runs anew: what its predecessor ordered must not speak in their names.
    const send = (message: ToHost): void => {
      if (this.#running.get(run) === attempt) this.#send(message);
    };
    const paced = new PacedReports({
      clock: this.#clock,
      function: request.function,
      isCongested: () => false,
      to: {
        onProgress: (progress) => send({ kind: "inlineProgress", run, progress }),
        onLog: (message, fields) => send({ kind: "inlineLog", run, message, fields }),
        onWarning: (code, message) => send({ kind: "inlineWarning", run, code, message }),
      },
    });
    const attempt = this.#executor(request.topic).run({
      ...request,
      onBegin: () => send({ kind: "inlineBegan", run }),
      onWait() {},
      ...paced.reports,
      abortRaised: () => this.#aborts.reasonOf(run),
    });
    this.#running.set(run, attempt);
    const ended = (outcome: AttemptOutcome): void => {
      paced.flush();
      send({ kind: "inlineOutcome", run, outcome });
      if (this.#running.get(run) === attempt) this.#running.delete(run);
    };
    void attempt.outcome.then(ended);
  }

  #executor(topic: string): Executor {
    const executor = this.#executors.get(topic) ?? this.#open(topic);
    this.#executors.set(topic, executor);
    return executor;
  }
}
