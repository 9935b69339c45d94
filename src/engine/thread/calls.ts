import type { Clock } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import { PATIENCE_MS } from "../api.ts";
import { EnqueueGate } from "./enqueue-gate.ts";
import type { Call } from "./remote-calls.ts";

/** A call that is not answered yet. */
interface PendingCall {
  readonly call: Call;
  /** False: it is an enqueue that waits behind others. */
  isSent: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The calls that wait for the Engine's answer, by number. They outlive the thread they were sent to. Of a flood of
 * enqueues only so many are sent at once.
 */
export class PendingCalls {
  readonly #send: (number: number, call: Call) => void;
  readonly #clock: Clock;
  readonly #pending = new Map<number, PendingCall>();
  readonly #gate = new EnqueueGate();
  #last = 0;
  /** When an enqueue was last stored, or refused for its own sake. */
  #takenAt = Number.NEGATIVE_INFINITY;

  /** `send` may be called again for the same call once its thread has died. */
  constructor(send: (number: number, call: Call) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Takes a call, and sends it as soon as it may be; `answer` resolves as its answer comes. */
  add(call: Call): { readonly number: number; readonly answer: Promise<unknown> } {
    this.#last += 1;
    const number = this.#last;
    const isSent = this.#gate.admits(number, call, this.#clock.monotonic());
    const answer = new Promise((resolve, reject) => this.#pending.set(number, { call, isSent, resolve, reject }));
    if (isSent) this.#send(number, call);
    return { number, answer };
  }

  resolve(number: number, value: unknown): void {
    const pending = this.#take(number);
    if (pending !== undefined && enqueues(pending.call)) this.#takenAt = this.#clock.monotonic();
    pending?.resolve(value);
  }

  reject(number: number, error: unknown): void {
    this.#take(number)?.reject(error);
  }

  /** The Engine has refused a call. Where its database is away, those that have waited behind it are told as well. */
  refuse(number: number, error: Error): void {
    const call = this.#pending.get(number)?.call;
    if (call !== undefined && enqueues(call)) this.#tellWaiting(error);
    this.reject(number, error);
  }

  /** Ends the wait of all that were not sent. */
  rejectWaiting(error: Error): void {
    for (const number of this.#gate.takeSince(Number.POSITIVE_INFINITY)) this.reject(number, error);
  }

  rejectAll(error: Error): void {
    this.rejectWaiting(error);
    for (const number of Array.from(this.#pending.keys())) this.reject(number, error);
  }

  /** Those that were sent. */
  *[Symbol.iterator](): IterableIterator<{ readonly number: number; readonly call: Call }> {
    for (const [number, { call, isSent }] of this.#pending) if (isSent) yield { number, call };
  }

  #take(number: number): PendingCall | undefined {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    for (const next of this.#gate.answered(number)) this.#sendNow(next);
    return pending;
  }

  #tellWaiting(error: Error): void {
    const now = this.#clock.monotonic();
    if (!(error instanceof Stage3Error && error.code === "DATABASE_UNAVAILABLE")) this.#takenAt = now;
    if (now - this.#takenAt < PATIENCE_MS) return;
    for (const waiting of this.#gate.takeSince(now - PATIENCE_MS)) this.reject(waiting, error);
  }

  #sendNow(number: number): void {
    const pending = this.#pending.get(number);
    if (pending === undefined) return;
    pending.isSent = true;
    this.#send(number, pending.call);
  }
}

function enqueues({ method }: Call): boolean {
  return method === "enqueue" || method === "enqueueMany";
}
