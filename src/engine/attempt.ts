import { assertNever, Stage3Error } from "../core/errors.ts";
import { backoffDelayMs } from "../core/backoff.ts";
import type { Clock, Timer } from "../core/clock.ts";
import type { Emit } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { Random } from "../core/random.ts";
import type { TaskState } from "../core/transitions.ts";
import type { TaskSettings } from "../core/options/precedence.ts";
import type { AbortReason, AttemptOutcome, RunningAttempt } from "../executor/port.ts";
import type { ClaimedTask, Settlement } from "../storage/port.ts";
import { ProgressWriter } from "./progress-writer.ts";
import type { Queue } from "./queue.ts";
import type { TurnLoop } from "./turn-loop.ts";

/** What an attempt needs of the worker that runs it. */
export interface AttemptParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly turns: TurnLoop;
  readonly emit: Emit;
  readonly maxPayloadBytes: number;
}

/** One run of one task, from its claim to the record of how it ended. */
export class Attempt {
  readonly task: ClaimedTask;
  readonly queue: Queue;
  readonly #parts: AttemptParts;
  readonly #limits: TaskSettings;
  readonly #running: RunningAttempt;
  readonly #progress: ProgressWriter;
  #timeout: Timer | undefined;
  #shutdown: Timer | undefined;
  #cut: AbortReason | undefined;
  #hasBegun = false;
  #isTold = false;
  #isStopping = false;
  #isOver = false;

  constructor(task: ClaimedTask, queue: Queue, parts: AttemptParts) {
    this.task = task;
    this.queue = queue;
    this.#parts = parts;
    this.#limits = queue.limitsOf(task);
    this.#progress = new ProgressWriter(task, parts.turns);
    this.#running = task.unreadable === undefined ? this.#run(task) : unreadable(task.unreadable);
  }

  #run(task: ClaimedTask): RunningAttempt {
    const parts = this.#parts;
    return this.queue.executor.run({
      taskId: task.id,
      topic: task.topic,
      function: task.function,
      args: task.args,
      attempt: task.attempt,
      maxPayloadBytes: parts.maxPayloadBytes,
      onBegin: () => this.#begin(),
      onWait: () => this.#wait(),
      onProgress: (progress) => this.#progress.write(progress),
      onWarning: (code, message) => parts.emit({ name: "warning", code, message, taskId: task.id }),
      onLog: (message, fields) =>
        parts.emit({ name: "log", ...this.#identity, message, ...(fields === undefined ? {} : { fields }) }),
    });
  }

  /** Stops the attempt: asks, and kills after its grace. The first reason counts. */
  cut(reason: AbortReason): void {
    this.#cut ??= reason;
    this.#cancelTimeout();
    this.#running.abort(reason, this.#limits.abortGraceMs);
  }

  /** Its worker stops: what has not begun is given back at once, the rest may go on for its queue's `shutdownGrace`. */
  stop(): void {
    this.#isStopping = true;
    if (this.#isOver) return;
    if (!this.#hasBegun) return this.cut("shutdown");
    const { shutdownGraceMs } = this.queue.settings;
    this.#shutdown = this.#parts.clock.setTimer(shutdownGraceMs, () => this.cut("shutdown"));
  }

  /** Resolves when the attempt can have no further effect. */
  async over(): Promise<AttemptOutcome> {
    const outcome = await this.#running.outcome;
    this.#isOver = true;
    this.#cancelTimeout();
    this.#shutdown?.cancel();
    return outcome;
  }

  #begin(): void {
    this.#hasBegun = true;
    if (!this.#isTold) this.#emit("started");
    this.#isTold = true;
    const { timeoutMs } = this.#limits;
    if (timeoutMs === undefined || this.#cut !== undefined) return;
    const { clock } = this.#parts;
    // A worker that stood still comes to its timers first: what has ended in time may have told so, and not been read.
    const timeout = clock.setTimer(timeoutMs, () =>
      clock.defer(() => {
        if (this.#timeout === timeout) this.cut("timeout");
      }),
    );
    this.#timeout = timeout;
  }

  #cancelTimeout(): void {
    this.#timeout?.cancel();
    this.#timeout = undefined;
  }

  #wait(): void {
    this.#hasBegun = false;
    this.#cancelTimeout();
    if (this.#isStopping) this.cut("shutdown");
  }

  /** Records how it ended. Resolves with the task's state then; undefined: the attempt was no longer the current one. */
  async settle(outcome: AttemptOutcome): Promise<TaskState | undefined> {
    if (this.#cut === "lease_lost") return undefined;
    this.#progress.end();
    const settlement = this.#settlement(outcome);
    try {
      return await this.#record(settlement);
    } catch (error) {
      if (error instanceof Stage3Error && error.code === "STOPPED") throw error;
      return this.#recordPlainly(settlement, error instanceof Error ? error.message : String(error));
    }
  }

  /** Rejects where storage refuses it by itself, not for being away. */
  async #record(settlement: Settlement): Promise<TaskState | undefined> {
    const { id, epoch } = this.task;
    const result = await this.#parts.turns.submitForGood({ kind: "settle", id, epoch, outcome: settlement });
    if (result.kind === "stale") return undefined;
    this.#report(settlement, result.state);
    return result.state;
  }

  /** Leaves out what the handler has given, which storage did not take: else its task would seem to run for ever. */
  async #recordPlainly(refused: Settlement, reason: string): Promise<TaskState | undefined> {
    const { emit } = this.#parts;
    const taskId = this.task.id;
    try {
      const state = await this.#record(withoutValues(refused, reason));
      if (refused.kind === "finish") emit({ name: "warning", code: "RESULT_DROPPED", message: reason, taskId });
      return state;
    } catch (error) {
      const message = `The end of an attempt cannot be recorded; it runs again when this instance has stopped. ${reason}`;
      emit({ name: "warning", code: "DATABASE_UNAVAILABLE", message, taskId });
      throw error;
    }
  }

  #settlement(outcome: AttemptOutcome): Settlement {
    if (this.#cut === "abort") return { kind: "abort" };
    if (outcome.kind === "blameless") return { kind: "giveBack" };
    if (this.#cut === "timeout") {
      return this.#failed({ code: "TASK_TIMEOUT", message: `It ran longer than ${this.#limits.timeoutMs} ms.` });
    }
    if (outcome.kind === "finished") {
      return { kind: "finish", ...(outcome.result === undefined ? {} : { result: outcome.result }) };
    }
    // What ends in another way once its worker has asked it to has been interrupted, whatever it throws.
    if (this.#cut === "shutdown") return { kind: "giveBack" };
    if (outcome.kind === "failed") return this.#failed(outcome.failure);
    return this.#failed({ code: "TASK_KILLED", message: "It was killed." });
  }

  #failed(failure: FailureReason): Settlement {
    const { attempt, maxRestarts } = this.task;
    // The next attempt would read the same.
    if (failure.code === "TASK_UNREADABLE") return { kind: "bury", failure };
    if (attempt > maxRestarts) return { kind: "bury", failure };
    const delayMs = backoffDelayMs(attempt, this.#limits.maxBackoffMs, this.#parts.random);
    return { kind: "restart", failure, delayMs };
  }

  #report(settlement: Settlement, state: TaskState): void {
    if (state === "aborted") return this.#emit("aborted");
    if (settlement.kind === "finish") return this.#emit("finished");
    if (settlement.kind !== "restart" && settlement.kind !== "bury") return;
    const { code, message } = settlement.failure;
    this.#parts.emit({ name: "failed", ...this.#identity, code, message, restart: settlement.kind === "restart" });
  }

  get #identity(): { taskId: string; topic: string; function: string; attempt: number } {
    const { id, topic, function: functionName, attempt } = this.task;
    return { taskId: id, topic, function: functionName, attempt };
  }

  #emit(name: "started" | "finished" | "aborted"): void {
    this.#parts.emit({ name, ...this.#identity });
  }
}

/** An attempt that cannot even begin. */
function unreadable(message: string): RunningAttempt {
  const failure = { code: "TASK_UNREADABLE", message } as const;
  return { outcome: Promise.resolve({ kind: "failed", failure }), abort: () => undefined };
}

function withoutValues(settlement: Settlement, reason: string): Settlement {
  switch (settlement.kind) {
    case "finish":
      return { kind: "finish" };
    case "restart":
    case "bury":
      return { ...settlement, failure: { code: settlement.failure.code, message: reason } };
    case "abort":
    case "giveBack":
      return settlement;
    default:
      return assertNever(settlement);
  }
}
