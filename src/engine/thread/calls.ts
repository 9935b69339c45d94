import type { Call } from "./messages.ts";

/** A call that is not answered yet. */
interface PendingCall {
  readonly call: Call;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The calls that wait for the Engine's answer, by number. They outlive the thread they were sent to. */
export class PendingCalls {
  readonly #pending = new Map<number, PendingCall>();
  #last = 0;

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Takes a call; `answer` resolves as its answer comes. */
  add(call: Call): { readonly number: number; readonly answer: Promise<unknown> } {
    this.#last += 1;
    const number = this.#last;
    const answer = new Promise((resolve, reject) => this.#pending.set(number, { call, resolve, reject }));
    return { number, answer };
  }

  resolve(number: number, value: unknown): void {
    this.#take(number)?.resolve(value);
  }

  reject(number: number, error: unknown): void {
    this.#take(number)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const number of Array.from(this.#pending.keys())) this.reject(number, error);
  }

  *[Symbol.iterator](): IterableIterator<{ readonly number: number; readonly call: Call }> {
    for (const [number, { call }] of this.#pending) yield { number, call };
  }

  #take(number: number): PendingCall | undefined {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    return pending;
  }
}
